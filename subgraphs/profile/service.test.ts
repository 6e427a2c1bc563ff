import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { v4, v7 } from 'uuid'
import { openSqliteEventLog } from '../../platform/events/event-log.sqlite.ts'
import type { EventLog } from '../../platform/events/event-log.ts'
import { createPassports, passportHeader } from '../../platform/identity/passport.ts'
import type { Service } from '../../platform/lifecycle/resources.ts'
import { createLogger } from '../../platform/logging/logger.ts'
import { accountsTopic } from '../../schema/events.ts'
import { startProfile } from './service.ts'
import { openSqliteProfileStore } from './store/profile-store.sqlite.ts'
import type { ProfileStore } from './store/profile-store.ts'

const logger = createLogger('profile', 'silent')
const passports = createPassports(['a key of thirty-two characters or more'])
const at = '2026-01-02T03:04:05.000Z'
const longAgo = () => v7({ msecs: Date.parse(at) })

let folder: string
let store: ProfileStore
let eventLog: EventLog
let service: Service
let lookups: string[][]
let deletedLookups: string[][]
let nameLookups: string[][]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-profile-'))
  const opened = openSqliteProfileStore(join(folder, 'profile.db'))
  lookups = []
  deletedLookups = []
  nameLookups = []
  store = {
    ...opened,
    deletedByIds: (ids) => {
      deletedLookups.push([...ids])
      return opened.deletedByIds(ids)
    },
    byUsernames: (usernames) => {
      nameLookups.push([...usernames])
      return opened.byUsernames(usernames)
    },
    byIds: (ids) => {
      lookups.push([...ids])
      return opened.byIds(ids)
    },
  }
  eventLog = openSqliteEventLog({ file: join(folder, 'events.db'), logger })
  service = await startProfile(
    { host: '127.0.0.1', port: 0 },
    {
      store,
      eventLog,
      passports,
      logger,
      identify: async (userId) => (userId ? { userId, sessionId: v4(), keyId: 'key', expiresAt: 0 } : 'anonymous'),
    },
  )
})
afterEach(async () => {
  await service.stop()
  await eventLog.close()
  await store.close()
  await rm(folder, { recursive: true })
})

interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  data?: any
  errors?: { message: string; path?: string[]; extensions: { code: string; field?: string; retryAfter?: number } }[]
}

const post = (body: string, headers: Record<string, string>) =>
  fetch(`${service.url}/graphql`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })

async function ask(viewer: string | undefined, query: string, variables: object = {}): Promise<Answer> {
  const body = JSON.stringify({ query, variables })
  const response = await post(body, {
    [passportHeader]: passports.issue('profile', body),
    ...(viewer && { authorization: viewer }),
  })
  return (await response.json()) as Answer
}

const register = (userId: string, username: string, displayName = username) =>
  eventLog.append(accountsTopic, [
    { key: userId, value: JSON.stringify({ type: 'account-registered', userId, username, displayName, at }) },
  ])

/** Registers an account and waits until the service has made its profile. */
async function signUp(username: string, displayName?: string): Promise<string> {
  const userId = longAgo()
  await register(userId, username, displayName)
  await until(async () => (await store.byUsernames([username])).length > 0)
  return userId
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it never came true')
    await new Promise(setImmediate)
  }
}

const problem = ({ errors }: Answer) => errors?.[0]?.extensions
const allFields = 'id username displayName avatarUrl statusMessage createdAt updatedAt'
const entities = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { ${allFields} preferences { theme } } } }`
const users = (...keys: object[]) => ({ representations: keys.map((key) => ({ __typename: 'User', ...key })) })

describe('the door', () => {
  it('is closed to requests without a passport for this subgraph and this body', async () => {
    const body = JSON.stringify({ query: '{ me { id } }' })
    expect((await post(body, {})).status).toBe(401)
    expect((await post(body, { [passportHeader]: passports.issue('chat', body) })).status).toBe(401)
    expect((await post(body, { [passportHeader]: passports.issue('profile', `${body} `) })).status).toBe(401)
    expect((await post(body, { [passportHeader]: passports.issue('profile', body) })).status).toBe(200)
  })

  it('tells whether the store answers', async () => {
    const ready = () => fetch(`${service.url}/health/ready`)
    expect((await ready()).status).toBe(200)
    await store.close()
    // It is looked at in the background.
    let response = await ready()
    for (const end = performance.now() + 10_000; response.status === 200 && performance.now() < end; ) {
      await response.text()
      response = await ready()
    }
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({ status: 'not ready', missing: ['profile store'] })
  })
})

describe('reading', () => {
  it('gives viewers their own profile with preferences', async () => {
    const ann = await signUp('ann', 'Ann')
    const { data } = await ask(ann, `{ me { ${allFields} preferences { theme locale notifications readReceipts } } }`)
    expect(data.me).toEqual({
      id: ann,
      username: 'ann',
      displayName: 'Ann',
      avatarUrl: null,
      statusMessage: null,
      createdAt: at,
      updatedAt: at,
      preferences: { theme: 'SYSTEM', locale: 'en', notifications: true, readReceipts: true },
    })
  })

  it('shows others without their preferences, to whoever is signed in', async () => {
    const [ann, bob] = [await signUp('ann'), await signUp('bob')]
    const query = `query ($id: ID!, $name: String!) {
      user(id: $id) { username preferences { theme } } userByUsername(username: $name) { id } users { edges { node { id } } }
    }`
    const seen = await ask(ann, query, { id: bob, name: 'BOB' })
    expect(seen.data.user).toEqual({ username: 'bob', preferences: null })
    expect(seen.data.userByUsername).toEqual({ id: bob })
    expect(seen.data.users.edges).toHaveLength(2)
    const refused = await ask(undefined, query, { id: bob, name: 'bob' })
    expect(refused.errors?.map(({ extensions }) => extensions.code)).toEqual(Array(3).fill('UNAUTHENTICATED'))
    expect(await ask(undefined, '{ me { id } }')).toEqual({ data: { me: null } })
  })

  it('gives null where there is no profile', async () => {
    const ann = await signUp('ann')
    const { data } = await ask(
      ann,
      '{ a: user(id: "0190a0a0-0000-7000-8000-000000000000") { id } b: userByUsername(username: "no") { id } }',
    )
    expect(data).toEqual({ a: null, b: null })
  })

  it('says that a profile has not arrived where its account is known to be, or may be', async () => {
    const [ann, stranger] = [await signUp('ann'), v7()]
    const unavailable = { code: 'UNAVAILABLE', retryAfter: 1 }
    for (const answer of [
      await ask(longAgo(), '{ me { id } }'),
      await ask(ann, 'query ($id: ID!) { user(id: $id) { id } }', { id: stranger }),
    ]) {
      expect(Object.values(answer.data)).toEqual([null])
      expect(problem(answer)).toEqual(unavailable)
    }
  })

  it('looks up together what operations ask for together, while it waits, too', async () => {
    const ann = await signUp('ann')
    lookups = []
    deletedLookups = []
    nameLookups = []
    const strangers = Array.from({ length: 60 }, () => v7())
    const queryOf = (ids: string[]) => `{ ${ids.map((id, at) => `a${at}: user(id: "${id}") { id }`).join(' ')}
      ${ids.map((_, at) => `b${at}: userByUsername(username: "no${at}") { id }`).join(' ')} }`
    const answers = await Promise.all([
      ask(ann, queryOf(strangers.slice(0, 30))),
      ask(ann, queryOf(strangers.slice(30))),
    ])
    for (const { errors } of answers) expect(errors).toHaveLength(30)
    // Each operation looks at once, and then at most seven or eight times with the other.
    expect(lookups.length + deletedLookups.length).toBeLessThan(2 * 12)
    expect(lookups.some((ids) => ids.length === 60)).toBe(true)
    expect(nameLookups.length).toBeLessThanOrEqual(2)
  })

  it('pages through users and searches them', async () => {
    const ann = await signUp('ann', 'Ann')
    await signUp('bob', 'Annabel')
    await signUp('carl', 'Carl')
    const query = `query ($search: String, $first: Int, $after: String) {
      users(search: $search, first: $first, after: $after) {
        edges { cursor node { username } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`
    const page = async (variables: object) => (await ask(ann, query, variables)).data.users
    const first = await page({ first: 2 })
    expect(first.edges.map((edge: { node: object }) => edge.node)).toEqual([{ username: 'ann' }, { username: 'bob' }])
    expect(first.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: first.edges[0].cursor,
      endCursor: first.edges[1].cursor,
    })
    const second = await page({ first: 2, after: first.pageInfo.endCursor })
    expect(second.edges.map((edge: { node: object }) => edge.node)).toEqual([{ username: 'carl' }])
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
    expect((await page({ search: 'ANN' })).edges).toHaveLength(2)
    expect((await page({ search: '%' })).edges).toEqual([])
    expect(problem(await ask(ann, query, { after: 'nonsense' }))).toEqual({ code: 'BAD_USER_INPUT', field: 'after' })
    expect(problem(await ask(ann, query, { first: 101 }))).toEqual({ code: 'BAD_USER_INPUT', field: 'first' })
    expect(problem(await ask(ann, query, { first: 0 }))).toEqual({ code: 'BAD_USER_INPUT', field: 'first' })
  })
})

describe('changing', () => {
  it('keeps what is not given and clears what is null', async () => {
    const ann = await signUp('ann', 'Ann')
    const update = `mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { displayName avatarUrl statusMessage } }`
    await ask(ann, update, { input: { avatarUrl: 'https://pictures.test/a.png', statusMessage: 'hi' } })
    const { data } = await ask(ann, update, { input: { displayName: 'Anna', statusMessage: null } })
    expect(data.updateProfile).toEqual({
      displayName: 'Anna',
      avatarUrl: 'https://pictures.test/a.png',
      statusMessage: null,
    })
    const refused = await ask(ann, update, { input: { displayName: null } })
    expect(problem(refused)).toEqual({ code: 'BAD_USER_INPUT', field: 'displayName' })
    expect(problem(await ask(undefined, update, { input: {} }))?.code).toBe('UNAUTHENTICATED')
    expect(problem(await ask(ann, update, { input: { id: 'x' } }))?.code).toBe('BAD_USER_INPUT')
  })

  it('keeps the preferences that are not given', async () => {
    const ann = await signUp('ann')
    const update = `mutation ($input: PreferencesInput!) { updatePreferences(input: $input) { theme locale notifications readReceipts } }`
    await ask(ann, update, { input: { theme: 'DARK', locale: 'PT-br' } })
    const { data } = await ask(ann, update, { input: { readReceipts: false } })
    expect(data.updatePreferences).toEqual({ theme: 'DARK', locale: 'pt-BR', notifications: true, readReceipts: false })
  })

  it('deletes a profile and makes it again under its username', async () => {
    const ann = await signUp('ann')
    const create = 'mutation { createProfile(input: { displayName: "Back" }) { username displayName } }'
    expect(problem(await ask(ann, create))).toEqual({ code: 'CONFLICT' })
    expect((await ask(ann, 'mutation { deleteProfile }')).data).toEqual({ deleteProfile: true })
    expect((await ask(ann, '{ me { id } }')).data).toEqual({ me: null })
    expect(problem(await ask(ann, 'mutation { deleteProfile }'))).toEqual({ code: 'NOT_FOUND' })
    expect((await ask(ann, create)).data.createProfile).toEqual({ username: 'ann', displayName: 'Back' })
    expect(problem(await ask(longAgo(), create))).toEqual({ code: 'UNAVAILABLE', retryAfter: 1 })
  })
})

describe('entities', () => {
  it('are found by id and by username, for any viewer, in one look for each kind', async () => {
    const [ann, bob] = [await signUp('ann'), await signUp('bob')]
    lookups = []
    const { data } = await ask(undefined, entities, users({ id: bob }, { username: 'ANN' }, { id: ann }, { id: bob }))
    expect(data._entities.map(({ username }: { username: string }) => username)).toEqual(['bob', 'ann', 'ann', 'bob'])
    expect(lookups).toEqual([[bob, ann]])
  })

  it('have their preferences when they are the viewer', async () => {
    const [ann, bob] = [await signUp('ann'), await signUp('bob')]
    const { data } = await ask(ann, entities, users({ id: ann }, { id: bob }))
    expect(data._entities.map(({ preferences }: { preferences: object }) => preferences)).toEqual([
      { theme: 'SYSTEM' },
      null,
    ])
  })

  it('are tombstones when their profile is known to be deleted, and null with an error when nothing is known', async () => {
    const [ann, nobody] = [await signUp('ann'), longAgo()]
    await ask(ann, 'mutation { deleteProfile }')
    const { data, errors } = await ask(
      ann,
      entities,
      users({ id: ann }, { id: nobody }, { username: 'ann' }, { username: 'no' }),
    )
    const grave = (id: string) => ({
      id,
      username: `deleted-${id}`,
      displayName: 'Deleted account',
      avatarUrl: null,
      statusMessage: null,
      createdAt: at,
      updatedAt: at,
      preferences: null,
    })
    expect(data._entities).toEqual([grave(ann), null, grave(ann), null])
    expect(new Set(errors?.map(({ path, extensions }) => ({ path, ...extensions })))).toEqual(
      new Set([1, 3].map((index) => ({ path: ['_entities', index], code: 'UNAVAILABLE', retryAfter: 1 }))),
    )
  })

  it('are waited for while the account is new', async () => {
    const ann = v7()
    const answer = ask(undefined, entities, users({ id: ann }))
    await until(() => lookups.length > 0)
    await register(ann, 'ann', 'Ann')
    expect((await answer).data._entities).toMatchObject([{ id: ann, displayName: 'Ann' }])
  })
})
