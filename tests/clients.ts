import { randomUUID } from 'node:crypto'

export interface GraphqlError {
  message: string
  path?: (string | number)[]
  extensions: { code: string; field?: string; retryAfter?: number; requestId?: string }
}

export interface Reply<T> {
  status: number
  headers: Headers
  data: T | null
  errors?: GraphqlError[]
}

/** Asks the graph over HTTP and gives the whole reply. */
export async function ask<T = Record<string, never>>(
  url: string,
  query: string,
  variables: object = {},
  headers: Record<string, string> = {},
): Promise<Reply<T>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(20_000),
  })
  const { data = null, errors } = (await response.json()) as { data?: T | null; errors?: GraphqlError[] }
  return { status: response.status, headers: response.headers, data, errors }
}

/** Somebody who is signed in. */
export interface Person {
  userId: string
  username: string
  displayName: string
  password: string
  accessToken: string
  refreshToken: string
  sessionId: string
  headers: { authorization: string }
  /** Asks as this person; throws when the reply has errors. */
  do<T = Record<string, never>>(query: string, variables?: object): Promise<T>
  /** The same person at another gateway. */
  at(url: string): Person
  /** Asks as this person and gives the whole reply. */
  try<T = Record<string, never>>(query: string, variables?: object): Promise<Reply<T>>
}

const signedInFields = 'accessToken refreshToken userId session { id }'

interface SignedIn {
  accessToken: string
  refreshToken: string
  userId: string
  session: { id: string }
}

/** Registers somebody under a name that nobody has. */
export async function signUp(url: string, displayName = 'Somebody'): Promise<Person> {
  const input = { username: `u${randomUUID().slice(0, 13)}`, password: `pass ${randomUUID()}`, displayName }
  const query = `mutation ($input: RegisterInput!) { register(input: $input) { ${signedInFields} } }`
  const { data, errors } = await ask<{ register: SignedIn }>(url, query, { input })
  if (!data) throw new Error(`Nobody could register: ${JSON.stringify(errors)}`)
  return person(url, input, data.register)
}

/** Signs somebody in again: a session of its own. */
export async function signIn(url: string, { username, password, displayName }: Person): Promise<Person> {
  const query = `mutation ($input: LoginInput!) { login(input: $input) { ${signedInFields} } }`
  const { data, errors } = await ask<{ login: SignedIn }>(url, query, { input: { username, password } })
  if (!data) throw new Error(`${username} could not sign in: ${JSON.stringify(errors)}`)
  return person(url, { username, password, displayName }, data.login)
}

function person(
  url: string,
  who: { username: string; password: string; displayName: string },
  { accessToken, refreshToken, userId, session }: SignedIn,
): Person {
  const headers = { authorization: `Bearer ${accessToken}` }
  return {
    ...who,
    userId,
    accessToken,
    refreshToken,
    sessionId: session.id,
    headers,
    async do<T>(query: string, variables = {}) {
      const { data, errors } = await ask<T>(url, query, variables, headers)
      if (!data || errors) throw new Error(JSON.stringify(errors))
      return data
    },
    at: (other) => person(other, who, { accessToken, refreshToken, userId, session }),
    try: (query, variables) => ask(url, query, variables, headers),
  }
}

export async function createRoom(
  owner: Person,
  kind: 'PUBLIC' | 'PRIVATE' = 'PUBLIC',
  name = 'A room',
): Promise<string> {
  const query = 'mutation ($input: CreateRoomInput!) { createRoom(input: $input) { id } }'
  return (await owner.do<{ createRoom: { id: string } }>(query, { input: { name, kind } })).createRoom.id
}

export const joinRoom = (who: Person, roomId: string) =>
  who.do('mutation ($roomId: ID!) { joinRoom(roomId: $roomId) { id } }', { roomId })

export interface SentMessage {
  duplicate: boolean
  message: { id: string; seq: number; text: string; cursor: string }
}

const sendMutation = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { duplicate message { id seq text cursor } }
}`

export async function send(who: Person, roomId: string, text: string, clientMessageId: string = randomUUID()) {
  const input = { roomId, text, clientMessageId }
  return (await who.do<{ sendMessage: SentMessage }>(sendMutation, { input })).sendMessage
}

export const trySend = (who: Person, roomId: string, text: string, clientMessageId: string = randomUUID()) =>
  who.try<{ sendMessage: SentMessage }>(sendMutation, { input: { roomId, text, clientMessageId } })
