import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Network } from '../dev/network.ts'
import { createRoom, type Person, send, signUp } from './clients.ts'
import { startSystem } from './system.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

describe('the example of the README', () => {
  let system: Network
  let ann: Person
  beforeAll(async () => {
    system = await startSystem()
    ann = await signUp(system.url, 'Ann')
  })
  afterAll(() => system.stop())

  it('follows a room, and resumes with the cursor it printed last', async () => {
    const readme = await readFile(`${root}/README.md`, 'utf8')
    const code = /```js\n([^`]*(?:`[^`]+`[^`]*)*?)```/.exec(readme)?.[1] ?? ''
    const roomId = await createRoom(ann)
    await send(ann, roomId, 'one')

    /** Runs the example until it has printed `count` lines. */
    const printed = async (count: number, after: string | undefined, onLine: (line: number) => void) => {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
        cwd: root,
        env: {
          PATH: process.env.PATH,
          TOKEN: ann.accessToken,
          ROOM_ID: roomId,
          URL: `${system.url.replace('http', 'ws')}/graphql`,
          ...(after && { AFTER: after }),
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const lines: {
        __typename: string
        cursor: string
        message?: { text: string; sender: { displayName: string } }
      }[] = []
      for await (const line of createInterface({ input: child.stdout })) {
        lines.push(JSON.parse(line))
        onLine(lines.length)
        if (lines.length === count) break
      }
      child.kill()
      return lines
    }
    const first = await printed(2, undefined, (line) => void (line === 1 && send(ann, roomId, 'two')))
    expect(first.map(({ __typename }) => __typename)).toEqual(['RoomSnapshot', 'MessageSent'])
    expect(first[1]?.message).toMatchObject({ text: 'two', sender: { displayName: 'Ann' } })

    await send(ann, roomId, 'three')
    const resumed = await printed(2, first[1]?.cursor, () => {})
    expect(resumed.map(({ __typename }) => __typename)).toEqual(['MessageSent', 'CaughtUp'])
    expect(resumed[0]?.message?.text).toBe('three')
  })
})
