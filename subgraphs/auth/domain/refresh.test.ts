import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSqliteAuthStore } from '../store/auth-store.sqlite.ts'
import type { Account, AuthStore } from '../store/auth-store.ts'
import type { Auth, Client } from './auth.ts'
import { refresh } from './refresh.ts'
import { endSessions, openSession } from './sessions.ts'
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

describe('refresh', () => {
  let folder: string
  let store: AuthStore
  let seconds: number
  let revoked: Set<string>
  let auth: Auth
  let first: string

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parley-auth-'))
    store = openSqliteAuthStore(join(folder, 'auth.db'))
    seconds = 1_000_000
    revoked = new Set()
    auth = createAuth(store)
    await store.addAccount(account)
    first = (await openSession(auth, account, client)).refreshToken
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })

  const createAuth = (used: AuthStore): Auth => ({
    store: used,
    revocations: { revoke: async (ids) => ids.forEach((id) => void revoked.add(id)) },
    passwords: { hash: async () => 'hash', matches: async () => true },
    limits: {
      admitLogin: async () => {},
      admitRegistration: async () => {},
      admitPassword: async () => {},
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
    now: () => new Date(seconds * 1000),
  })
  const use = async (token: string) => (await refresh(auth, client, token)).refreshToken

  it('gives the same successor to the immediate parent within the grace', async () => {
    const second = await use(first)
    seconds += 10
    expect(await use(first)).toBe(second)
    expect(second).not.toBe(first)
    expect(revoked.size).toBe(0)
  })

  it('ends the session when the parent comes after the grace', async () => {
    const { session, refreshToken: second } = await refresh(auth, client, first)
    seconds += 11
    await expect(use(first)).rejects.toMatchObject(refused)
    await expect(use(second)).rejects.toMatchObject(refused)
    expect(revoked).toEqual(new Set([session.id]))
  })

  it('ends the session when the parent comes after its successor was used', async () => {
    const third = await use(await use(first))
    await expect(use(first)).rejects.toMatchObject(refused)
    await expect(use(third)).rejects.toMatchObject(refused)
    expect(revoked.size).toBe(1)
  })

  it('ends the session when a token from further back comes', async () => {
    const third = await use(await use(first))
    seconds += 60
    const fourth = await use(third)
    await expect(use(first)).rejects.toMatchObject(refused)
    await expect(use(fourth)).rejects.toMatchObject(refused)
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
    expect(await store.sessionsOf(account.id, new Date(0))).toEqual([])
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
