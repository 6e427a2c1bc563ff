import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { v7 as uuidv7 } from 'uuid'
import { openSqliteAuthStore } from '../store/auth-store.sqlite.ts'
import type { Account, AuthStore } from '../store/auth-store.ts'
import type { Auth, Client } from './auth.ts'
import { refresh } from './refresh.ts'
import { endSessions, newRefreshToken, newSession, openSession } from './sessions.ts'
import { createRefreshTokens } from './tokens.ts'

const client: Client = { ip: '192.0.2.1', userAgent: 'tests' }
const account: Account = {
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  username: 'ada',
  displayName: 'Ada',
  passwordHash: 'hash',
  passwordVersion: 1,
  createdAt: new Date(0),
}
const refused = { code: 'UNAUTHENTICATED' }

/** The store, each of whose calls begins when the scheduler says so. */
const inAnyOrder = (store: AuthStore, scheduler: fc.Scheduler): AuthStore =>
  Object.fromEntries(
    Object.entries(store).map(([name, method]: [string, (...values: unknown[]) => unknown]) => [
      name,
      async (...values: unknown[]) => {
        await scheduler.schedule(Promise.resolve(), name)
        return method(...values)
      },
    ]),
  ) as unknown as AuthStore

describe('refresh', () => {
  let store: AuthStore
  let seconds: number
  let revoked: Set<string>
  let auth: Auth
  let first: string

  beforeEach(async () => {
    store = openSqliteAuthStore(':memory:')
    seconds = 1_000_000
    revoked = new Set()
    auth = createAuth(store)
    first = (await signUp(account)).refreshToken
  })
  afterEach(() => store.close())

  const signUp = async (added: Account) => {
    const session = newSession(auth, added.id, client)
    const { refreshToken, stored } = newRefreshToken(auth, session, added.passwordVersion)
    await store.addAccount(added, { session, refreshToken: stored })
    return { refreshToken, session }
  }
  const createAuth = (used: AuthStore, secondsAhead = 0): Auth => ({
    store: { ...used, now: async () => new Date(seconds * 1000) },
    revocations: { revoke: async (ids) => ids.forEach((id) => void revoked.add(id)) },
    passwords: { hash: async () => 'hash', matches: async () => 'normalised' },
    limits: {
      admitLogin: async () => {},
      admitRegistration: async () => {},
      admitPasswordChange: async () => {},
      admitPassword: async () => {},
      signInFailed: () => {},
      admitRefresh: async () => {},
      passwordWasRight: async () => {},
    },
    tokens: {
      ...createRefreshTokens(Buffer.alloc(32, 1)),
      accessToken: () => ({ accessToken: 'signed', accessTokenExpiresAt: new Date((seconds + 600) * 1000) }),
    },
    announce: async () => {},
    accessTokenLifetime: 600,
    refreshTokenLifetime: 3_600,
    refreshGrace: 10,
    now: () => new Date((seconds + secondsAhead) * 1000),
  })
  const use = async (token: string, by = auth) => (await refresh(by, client, token)).refreshToken

  it('gives the living token to every ancestor that was traded within the grace', async () => {
    const chain = [first]
    for (let step = 0; step < 100; step += 1) chain.push(await use(chain.at(-1) as string))
    seconds += 10
    for (const ancestor of chain.slice(0, -1)) expect(await use(ancestor)).toBe(chain.at(-1))
    expect(new Set(chain).size).toBe(chain.length)
    expect(revoked.size).toBe(0)
  })

  it('counts the grace of each ancestor from its own trade', async () => {
    const second = await use(first)
    seconds += 9
    const third = await use(second)
    seconds += 1
    expect(await use(first)).toBe(third)
    seconds += 9
    expect(await use(second)).toBe(third)
    expect(revoked.size).toBe(0)
    await expect(use(first)).rejects.toMatchObject(refused)
    await expect(use(third)).rejects.toMatchObject(refused)
    expect(revoked.size).toBe(1)
  })

  it('ends the session when the parent comes after the grace', async () => {
    const { session, refreshToken: second } = await refresh(auth, client, first)
    seconds += 11
    await expect(use(first)).rejects.toMatchObject(refused)
    await expect(use(second)).rejects.toMatchObject(refused)
    expect(revoked).toEqual(new Set([session.id]))
  })

  it('ends the session when a token from further back comes after the grace', async () => {
    const third = await use(await use(first))
    seconds += 60
    const fourth = await use(third)
    await expect(use(first)).rejects.toMatchObject(refused)
    await expect(use(fourth)).rejects.toMatchObject(refused)
  })

  it('counts the grace by one clock, however far apart those of the processes are', async () => {
    const [early, late] = [createAuth(store, -30), createAuth(store, 30)]
    const second = await use(first, early)
    expect(await use(first, late)).toBe(second)
    const third = await use(second, late)
    expect(await use(first, early)).toBe(third)
    seconds += 11
    await expect(use(second, early)).rejects.toMatchObject(refused)
  })

  it('gives one living token to all, whatever order the steps of many refreshes come in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 5 }),
        async (scheduler, clients) => {
          const root = (await openSession(auth, account, client)).refreshToken
          const shuffled = createAuth(inAnyOrder(store, scheduler))
          const given = [root]
          const runs = clients.map(async (choices) => {
            for (const choice of choices) given.push(await use(given[choice % given.length] as string, shuffled))
          })
          await scheduler.waitFor(Promise.all(runs))
          const living = await use(given.at(-1) as string)
          for (const token of given.filter((each) => each !== living)) {
            expect(await use(token)).toBe(living)
          }
          expect(revoked.size).toBe(0)
        },
      ),
      { numRuns: 25 },
    )
  })

  it('leaves nothing alive of a session that ends among many refreshes, whatever order their steps come in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom<'session' | 'password'>('session', 'password'),
        async (scheduler, clients, ends) => {
          const owner = { ...account, id: uuidv7(), username: `u${uuidv7()}` }
          const { refreshToken: root, session } = await signUp(owner)
          const shuffled = createAuth(inAnyOrder(store, scheduler))
          const given = [root]
          const runs = Array.from({ length: clients }, async () => {
            for (let turn = 0; turn < 3; turn += 1) {
              const token = await use(given.at(-1) as string, shuffled).catch(() => undefined)
              if (token !== undefined) given.push(token)
            }
          })
          const end = async () => {
            if (ends === 'password') await shuffled.store.changePassword(owner.id, 1, 'other')
            else await endSessions(shuffled, { userId: owner.id, only: session.id })
          }
          await scheduler.waitFor(Promise.all([...runs, end()]))
          for (const token of given) await expect(use(token)).rejects.toMatchObject(refused)
        },
      ),
      { numRuns: 25 },
    )
  })

  it('counts the lifetime from the last rotation', async () => {
    seconds += 3_600
    const second = await use(first)
    seconds += 3_600
    const third = await use(second)
    seconds += 3_601
    await expect(use(third)).rejects.toMatchObject(refused)
    expect(revoked.size).toBe(0)
  })

  it('goes on after a crash between the two writes', async () => {
    const crashing = createAuth({ ...store, replaceRefreshToken: () => Promise.reject(new Error('crash')) })
    await expect(refresh(crashing, client, first)).rejects.toThrow('crash')
    expect(await use(await use(first))).toEqual(expect.any(String))
  })

  it('gives its successor to whoever traded it, even when a twin has used that one already', async () => {
    const racing = createAuth({
      ...store,
      async replaceRefreshToken(hash, at) {
        const traded = await store.replaceRefreshToken(hash, at)
        await use(await use(first))
        return traded
      },
    })
    await refresh(racing, client, first)
    expect(revoked.size).toBe(0)
  })

  it('leaves nothing alive of a session that ends while it is refreshed', async () => {
    let leaked: string | undefined
    const racing = createAuth({
      ...store,
      async seeSession(id, by, at) {
        leaked = auth.tokens.successorOf(first)
        await endSessions(auth, { userId: account.id, only: id })
        await store.seeSession(id, by, at)
      },
    })
    await expect(refresh(racing, client, first)).rejects.toMatchObject(refused)
    await expect(use(String(leaked))).rejects.toMatchObject(refused)
    expect(await store.sessionsOf(account.id, new Date(0), 100)).toEqual([])
  })

  it('ends with a change of the password, also while the session is opened', async () => {
    await store.changePassword(account.id, 1, 'other')
    await expect(use(first)).rejects.toMatchObject(refused)
    await expect(openSession(auth, account, client)).rejects.toMatchObject(refused)
    expect(revoked.size).toBe(1)
  })

  it('notes when and by whom the session was used last', async () => {
    seconds += 30
    const { session } = await refresh(auth, { ip: '192.0.2.9', userAgent: 'other' }, first)
    expect(session).toMatchObject({ ip: '192.0.2.9', userAgent: 'other', lastSeenAt: new Date(seconds * 1000) })
  })
})
