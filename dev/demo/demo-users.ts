import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from '../../platform/config/start-error.ts'
import { ask, type DemoUser, signIn } from './demo-client.ts'

const room = { name: 'Lobby', kind: 'PUBLIC', topic: 'Say hello' }

/**
 * The demo users, with a demo room: made through the graph like anyone else's, at the first start on a data folder. Each step is
 * harmless when it is repeated, so that a start which was killed in between is finished by the next.
 */
export async function demoUsers(url: string, dataDir: string): Promise<DemoUser[]> {
  const users = readLogins(join(dataDir, 'demo-logins.json'))
  const done = join(dataDir, 'demo-made')
  if (!existsSync(done)) {
    await makeDemoInTime(url, users)
    writeFileSync(done, '')
  }
  return users
}

function readLogins(file: string): DemoUser[] {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'))
  const users = [
    { username: 'ada', displayName: 'Ada' },
    { username: 'grace', displayName: 'Grace' },
  ].map((user) => ({ ...user, password: randomBytes(9).toString('base64url') }))
  writeFileSync(file, JSON.stringify(users, null, 2), { mode: 0o600 })
  return users
}

/** How often it is tried: on a machine that is busy with its first start, an operation can take longer than it may. */
const tries = 4

async function makeDemoInTime(url: string, users: DemoUser[]): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await makeDemo(url, users)
    } catch (error) {
      if (tried < tries) continue
      const problem = error instanceof Error ? error.message : String(error)
      throw new StartError(
        `The demo users could not be made: ${problem}\nThe machine may be too busy. Start it again: it carries on.`,
      )
    }
  }
}

async function makeDemo(url: string, users: DemoUser[]): Promise<void> {
  const [ada, grace] = await Promise.all(users.map((user) => signIn(url, user)))
  if (!ada || !grace) throw new Error('The demo needs two users')
  const { rooms } = await ask<{ rooms: { edges: { node: { id: string } }[] } }>(
    url,
    '{ rooms { edges { node { id } } } }',
    {},
    ada,
  )
  const roomId = rooms.edges[0]?.node.id ?? (await createRoom(url, ada))
  await ask(url, 'mutation ($roomId: ID!) { joinRoom(roomId: $roomId) { id } }', { roomId }, grace)
  const send = (token: string, clientMessageId: string, text: string) =>
    ask(
      url,
      'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { duplicate } }',
      { input: { roomId, text, clientMessageId } },
      token,
    )
  await send(ada, 'demo-1', 'Welcome to Parley! Open a second browser window, sign in as Grace, and write to me.')
  await send(grace, 'demo-2', 'Hello Ada.')
}

async function createRoom(url: string, token: string): Promise<string> {
  const query = 'mutation ($input: CreateRoomInput!) { createRoom(input: $input) { id } }'
  const { createRoom } = await ask<{ createRoom: { id: string } }>(url, query, { input: room }, token)
  return createRoom.id
}
