import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface DemoUser {
  username: string
  displayName: string
  password: string
}

const room = { name: 'Lobby', kind: 'PUBLIC', topic: 'Say hello' }

/** The demo users; made at the first start on a data folder, through the graph like anyone else, together with a demo room. */
export async function demoUsers(url: string, dataDir: string): Promise<DemoUser[]> {
  const file = join(dataDir, 'demo-logins.json')
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'))
  const users = [
    { username: 'ada', displayName: 'Ada' },
    { username: 'grace', displayName: 'Grace' },
  ].map((user) => ({ ...user, password: randomBytes(9).toString('base64url') }))
  const [ada, grace] = await Promise.all(users.map((user) => register(url, user)))
  if (!ada || !grace) throw new Error('The demo users could not be made')

  const created = await ada('mutation ($input: CreateRoomInput!) { createRoom(input: $input) { id } }', { input: room })
  const roomId = (created.createRoom as { id: string }).id
  await grace('mutation ($roomId: ID!) { joinRoom(roomId: $roomId) { id } }', { roomId })
  const send = (by: typeof ada, text: string) =>
    by('mutation ($input: SendMessageInput!) { sendMessage(input: $input) { duplicate } }', {
      input: { roomId, text, clientMessageId: randomUUID() },
    })
  await send(ada, 'Welcome to Parley! Open a second browser window, sign in as Grace, and write to me.')
  await send(grace, 'Hello Ada.')
  writeFileSync(file, JSON.stringify(users, null, 2), { mode: 0o600 })
  return users
}

type Ask = (query: string, variables: object) => Promise<Record<string, unknown>>

async function register(url: string, input: DemoUser): Promise<Ask> {
  const ask =
    (authorization?: string): Ask =>
    async (query, variables) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(10_000),
      })
      const { data, errors } = (await response.json()) as {
        data?: Record<string, unknown>
        errors?: { message: string }[]
      }
      if (!data || errors) throw new Error(`The demo could not be set up: ${errors?.[0]?.message}`)
      return data
    }
  const { register } = await ask()('mutation ($input: RegisterInput!) { register(input: $input) { accessToken } }', {
    input,
  })
  return ask(`Bearer ${(register as { accessToken: string }).accessToken}`)
}
