import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Network } from '../dev/network.ts'
import { createRoom, type Person, send, signUp } from './clients.ts'
import { startSystem } from './system.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Line {
  __typename: string
  cursor: string
  message?: { text: string; sender: { displayName: string } }
}

describe('the example of the README', () => {
  let system: Network
  let ann: Person
  let code: string
  beforeAll(async () => {
    system = await startSystem()
    ann = await signUp(system.url, 'Ann')
    const readme = await readFile(`${root}/README.md`, 'utf8')
    code = /```js\n([^`]*(?:`[^`]+`[^`]*)*?)```/.exec(readme)?.[1] ?? ''
  })
  afterAll(() => system.stop())

  const run = (environment: Record<string, string>) =>
    spawn(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        TOKEN: ann.accessToken,
        URL: `${system.url.replace('http', 'ws')}/graphql`,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })

  /** Runs it until it has printed `count` lines. */
  const printed = async (count: number, environment: Record<string, string>, onLine = (_: number) => {}) => {
    const child = run(environment)
    const lines: Line[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(JSON.parse(line))
      onLine(lines.length)
      if (lines.length === count) break
    }
    child.kill()
    return lines
  }

  it('follows a room, and resumes with the cursor it printed last', async () => {
    const roomId = await createRoom(ann)
    await send(ann, roomId, 'one')
    const sendNext = (line: number) => void (line === 1 && send(ann, roomId, 'two'))
    const first = await printed(2, { ROOM_ID: roomId }, sendNext)
    expect(first.map(({ __typename }) => __typename)).toEqual(['RoomSnapshot', 'MessageSent'])
    expect(first[1]?.message).toMatchObject({ text: 'two', sender: { displayName: 'Ann' } })

    await send(ann, roomId, 'three')
    const resumed = await printed(2, { ROOM_ID: roomId, AFTER: first[1]?.cursor ?? '' })
    expect(resumed.map(({ __typename }) => __typename)).toEqual(['MessageSent', 'CaughtUp'])
    expect(resumed[0]?.message?.text).toBe('three')
  })

  it.each([
    [
      'a room that is not there',
      { ROOM_ID: '01890000-0000-7000-8000-000000000000' },
      'Ended: The room was not found.\n',
    ],
    ['a token that is not valid', { ROOM_ID: 'any', TOKEN: 'a.b.c' }, 'Ended: The access token is not valid.\n'],
  ])('ends with one line that tells why: %s', async (_, environment, line) => {
    const child = run(environment)
    const [told, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect(told).toBe(line)
    expect(exitCode).toBe(1)
  })
})
