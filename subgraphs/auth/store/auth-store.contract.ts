import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { v7 as uuidv7 } from 'uuid'
import type { Account, AuthStore, FirstSession, RefreshToken, Session } from './auth-store.ts'

/** A place that holds one store's data: `open` may be called again, also while another one is open. */
export interface StorePlace {
  open(): Promise<AuthStore>
  remove(): Promise<void>
}

const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1000 + 7)
const account = (username: string, changes: Partial<Account> = {}): Account => ({
  id: uuidv7(),
  username,
  displayName: 'Zoë 🦀',
  passwordHash: `hash of ${username}`,
  passwordVersion: 1,
  createdAt: at(0),
  ...changes,
})
const session = (userId: string, changes: Partial<Session> = {}): Session => ({
  id: uuidv7(),
  userId,
  createdAt: at(0),
  lastSeenAt: at(0),
  userAgent: null,
  ip: null,
  revokedAt: null,
  ...changes,
})
const token = (hash: string, changes: Partial<RefreshToken> = {}): RefreshToken => ({
  hash,
  sessionId: uuidv7(),
  passwordVersion: 1,
  createdAt: at(0),
  replacedAt: null,
  ...changes,
})
const firstSession = (userId = uuidv7()): FirstSession => {
  const opened = session(userId)
  return { session: opened, refreshToken: token(uuidv7(), { sessionId: opened.id }) }
}
const times = <T>(count: number, work: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))
const ids = (rows: { id: string }[]) => rows.map(({ id }) => id)

/** What every adapter of `AuthStore` must do. */
export function authStoreContract(adapter: string, makePlace: () => Promise<StorePlace>): void {
  describe(`auth store on ${adapter}`, () => {
    let place: StorePlace
    let store: AuthStore
    let other: AuthStore
    beforeEach(async () => {
      place = await makePlace()
      store = await place.open()
      other = await place.open()
    })
    afterEach(async () => {
      await Promise.all([store.close(), other.close()])
      await place.remove()
    })
    const either = (index: number) => (index % 2 ? store : other)

    it('finds an account by its id and by its username', async () => {
      const ada = account('ada')
      expect(await store.addAccount(ada, firstSession(ada.id))).toBe(true)
      expect(await other.accountById(ada.id)).toEqual(ada)
      expect(await other.accountByUsername('ada')).toEqual(ada)
      expect(await store.accountById(uuidv7())).toBeUndefined()
      expect(await store.accountByUsername('grace')).toBeUndefined()
    })

    it('gives a username to one of many that want it at once', async () => {
      const wanting = Array.from({ length: 20 }, () => account('ada'))
      const added = await times(20, (index) => either(index).addAccount(wanting[index] as Account, firstSession()))
      expect(added.filter(Boolean)).toHaveLength(1)
      expect(await store.accountByUsername('ada')).toEqual(wanting[added.indexOf(true)])
    })

    it('adds an account with its first session and the token of that, or nothing of them', async () => {
      const ada = account('ada')
      const first = firstSession(ada.id)
      expect(await store.addAccount(ada, first)).toBe(true)
      expect(await other.session(first.session.id)).toEqual(first.session)
      expect(await other.refreshToken(first.refreshToken.hash)).toEqual(first.refreshToken)

      const late = firstSession()
      expect(await store.addAccount(account('ada'), late)).toBe(false)
      expect(await other.session(late.session.id)).toBeUndefined()
      expect(await other.refreshToken(late.refreshToken.hash)).toBeUndefined()

      const [grace, mine] = [account('grace'), firstSession()]
      const sameToken = { ...mine, refreshToken: first.refreshToken }
      await expect(store.addAccount(grace, sameToken)).rejects.toThrow()
      expect(await other.accountByUsername('grace')).toBeUndefined()
      expect(await other.session(mine.session.id)).toBeUndefined()
      expect(await store.addAccount(grace, mine)).toBe(true)
    })

    it('lets one of many changes of a password through', async () => {
      const ada = account('ada')
      await store.addAccount(ada, firstSession(ada.id))
      const changed = await times(10, (index) => either(index).changePassword(ada.id, 1, `new ${index}`))
      expect(changed.filter(Boolean)).toHaveLength(1)
      expect(await store.accountById(ada.id)).toEqual({
        ...ada,
        passwordHash: `new ${changed.indexOf(true)}`,
        passwordVersion: 2,
      })
      expect(await store.changePassword(uuidv7(), 1, 'new')).toBe(false)
    })

    it('replaces the hash of a password that stays the same, and nothing else', async () => {
      const [ada, grace] = [account('ada'), account('grace', { passwordHash: 'hash of ada' })]
      for (const each of [ada, grace]) await store.addAccount(each, firstSession(each.id))
      await store.rehashPassword(ada.id, 'another hash', 'wrong')
      expect(await other.accountById(ada.id)).toEqual(ada)
      await store.rehashPassword(ada.id, 'hash of ada', 'new hash')
      expect(await other.accountById(ada.id)).toEqual({ ...ada, passwordHash: 'new hash' })
      expect(await other.accountById(grace.id)).toEqual(grace)
    })

    it('lists what is yet to be announced, the oldest first and up to the limit', async () => {
      const [second, first, third, late] = [
        account('second', { createdAt: at(2) }),
        account('first', { createdAt: at(1) }),
        account('third', { createdAt: at(3) }),
        account('late', { createdAt: at(4) }),
      ]
      for (const each of [second, first, third, late]) await store.addAccount(each, firstSession(each.id))
      expect(await store.unannouncedAccounts(at(4), 2)).toEqual([first, second])
      await store.markAnnounced(first.id)
      await store.markAnnounced(first.id)
      expect(await other.unannouncedAccounts(at(4), 10)).toEqual([second, third])
      expect(await other.accountById(first.id)).toEqual({ ...first, displayName: '' })
    })

    it("lists a user's sessions that live, the newest first", async () => {
      const user = uuidv7()
      const old = session(user, { createdAt: at(1), lastSeenAt: at(50) })
      const fresh = session(user, { createdAt: at(2), lastSeenAt: at(10), ip: '::1', userAgent: 'ü' })
      const unseen = session(user, { createdAt: at(3), lastSeenAt: at(9) })
      const ended = session(user, { createdAt: at(4), lastSeenAt: at(99), revokedAt: at(99) })
      for (const each of [fresh, old, unseen, ended, session(uuidv7(), { lastSeenAt: at(99) })])
        await store.addSession(each, 100)
      expect(await other.sessionsOf(user, at(10), 100)).toEqual([fresh, old])
      expect(await other.sessionsOf(uuidv7(), at(0), 100)).toEqual([])
    })

    it("revokes a user's sessions that are too many, those seen longest ago first", async () => {
      const [user, stranger] = [uuidv7(), uuidv7()]
      const seen = (seconds: number) => session(user, { createdAt: at(seconds), lastSeenAt: at(seconds) })
      const [first, second, third, fourth, fifth] = [seen(1), seen(2), seen(3), seen(4), seen(5)]
      const foreign = session(stranger)
      for (const each of [foreign, second, first, third]) expect(await store.addSession(each, 3)).toEqual([])
      await store.seeSession(first.id, { ip: null, userAgent: null }, at(9))
      expect(await other.addSession(fourth, 3)).toEqual([second.id])
      expect((await store.session(second.id))?.revokedAt).toEqual(at(4))
      expect(ids(await store.sessionsOf(user, at(0), 100))).toEqual([fourth.id, third.id, first.id])
      expect(ids(await store.sessionsOf(user, at(0), 2))).toEqual([fourth.id, third.id])
      expect(ids(await store.sessionsOf(stranger, at(0), 100))).toEqual([foreign.id])
      // The one that is added stays, also one whose process has a slow clock.
      const slow = session(user, { createdAt: at(0), lastSeenAt: at(0) })
      expect(new Set(await store.addSession(slow, 2))).toEqual(new Set([third.id, fourth.id]))
      expect(await store.addSession(fifth, 100)).toEqual([])
      expect(await store.addSession(fifth, 1)).toHaveLength(2)
      expect(ids(await store.sessionsOf(user, at(0), 100))).toEqual([fifth.id])
    })

    it('leaves no more sessions than there may be, however many open at once', async () => {
      const ada = account('ada')
      await store.addAccount(ada, firstSession(ada.id))
      const revoked = await times(12, (index) => either(index).addSession(session(ada.id), 3))
      expect(await store.sessionsOf(ada.id, at(0), 100)).toHaveLength(3)
      expect(revoked.flat()).toHaveLength(10)
      expect(new Set(revoked.flat()).size).toBe(10)
    })

    it('revokes at most five hundred of the sessions that are too many at a time', async () => {
      const user = uuidv7()
      await times(510, (index) => either(index).addSession(session(user), 1_000))
      expect(await store.addSession(session(user), 1)).toHaveLength(500)
      expect(await store.addSession(session(user), 1)).toHaveLength(11)
    })

    it('notes who used a session last', async () => {
      const mine = session(uuidv7())
      await store.addSession(mine, 100)
      await store.seeSession(mine.id, { ip: '192.0.2.1', userAgent: 'agent' }, at(5))
      expect(await other.session(mine.id)).toEqual({
        ...mine,
        ip: '192.0.2.1',
        userAgent: 'agent',
        lastSeenAt: at(5),
      })
      expect(await store.session(uuidv7())).toBeUndefined()
    })

    it('revokes one session, all but one, or all of one user', async () => {
      const [user, stranger] = [uuidv7(), uuidv7()]
      const [a, b, c, foreign] = [session(user), session(user), session(user), session(stranger)]
      for (const each of [a, b, c, foreign]) await store.addSession(each, 100)
      const alive = async () => new Set(ids(await other.sessionsOf(user, at(0), 100)))
      await store.revokeSessions({ userId: stranger, only: a.id }, at(1))
      expect(await alive()).toEqual(new Set([a.id, b.id, c.id]))
      await store.revokeSessions({ userId: user, only: a.id }, at(1))
      expect(await alive()).toEqual(new Set([b.id, c.id]))
      await store.revokeSessions({ userId: user, except: b.id }, at(2))
      expect(await alive()).toEqual(new Set([b.id]))
      await store.revokeSessions({ userId: user }, at(3))
      expect(await alive()).toEqual(new Set())
      expect(ids(await store.sessionsOf(stranger, at(0), 100))).toEqual([foreign.id])
    })

    it('remembers when a session was revoked first', async () => {
      const [user, stranger] = [uuidv7(), uuidv7()]
      const [early, late, foreign] = [session(user), session(user), session(stranger)]
      for (const each of [early, late, foreign]) await store.addSession(each, 100)
      await store.revokeSessions({ userId: user, only: early.id }, at(1))
      await store.revokeSessions({ userId: user }, at(2))
      await store.revokeSessions({ userId: stranger }, at(2))
      expect((await other.session(early.id))?.revokedAt).toEqual(at(1))
      expect(await other.revokedSessions(at(2), user)).toEqual([late.id])
      expect(new Set(await other.revokedSessions(at(2)))).toEqual(new Set([late.id, foreign.id]))
      expect(new Set(await other.revokedSessions(at(1), user))).toEqual(new Set([early.id, late.id]))
      expect(await other.revokedSessions(at(3))).toEqual([])
    })

    it('lets one of many trades of a token through', async () => {
      await store.addRefreshToken(token('parent'))
      const traded = await times(20, (index) => either(index).replaceRefreshToken('parent', at(index)))
      expect(traded.filter(Boolean)).toHaveLength(1)
      expect((await store.refreshToken('parent'))?.replacedAt).toEqual(at(traded.indexOf(true)))
      expect(await store.replaceRefreshToken('unknown', at(0))).toBe(false)
    })

    it('keeps a token as it was added first', async () => {
      const first = token('same', { replacedAt: at(3) })
      await store.addRefreshToken(first)
      await times(10, (index) => either(index).addRefreshToken(token('same', { createdAt: at(index) })))
      expect(await store.refreshToken('same')).toEqual(first)
      expect(await store.refreshToken('unknown')).toBeUndefined()
    })

    it('gives those of many tokens that there are', async () => {
      const tokens = Array.from({ length: 100 }, (_, index) => token(`token ${index}`))
      for (const each of tokens) await store.addRefreshToken(each)
      const found = await other.refreshTokens([...tokens.map(({ hash }) => hash), 'unknown', 'TOKEN 1'])
      expect(
        found.sort(
          (a, b) => tokens.findIndex(({ hash }) => hash === a.hash) - tokens.findIndex(({ hash }) => hash === b.hash),
        ),
      ).toEqual(tokens)
      expect(await store.refreshTokens([])).toEqual([])
    })

    it('tells the time, which does not go back', async () => {
      const [first, second] = [await store.now(), await other.now()]
      expect(first.getTime()).toBeGreaterThan(at(0).getTime())
      expect(second.getTime()).toBeGreaterThanOrEqual(first.getTime())
    })

    it('tells tokens apart by case', async () => {
      await store.addRefreshToken(token('token'))
      expect(await store.refreshToken('TOKEN')).toBeUndefined()
      await store.addRefreshToken(token('TOKEN', { createdAt: at(9) }))
      expect((await store.refreshToken('token'))?.createdAt).toEqual(at(0))
    })

    it('removes what is older than the moment', async () => {
      const user = uuidv7()
      const [old, young] = [session(user, { lastSeenAt: at(1) }), session(user, { lastSeenAt: at(2) })]
      await store.addSession(old, 100)
      await store.addSession(young, 100)
      await store.addRefreshToken(token('old', { createdAt: at(1) }))
      await store.addRefreshToken(token('young', { createdAt: at(2) }))
      const ended = [at(1), at(2)].map((revokedAt) => session(user, { lastSeenAt: at(2), revokedAt }))
      for (const each of ended) await store.addSession(each, 100)
      await store.removeBefore(at(2), at(2))
      expect(await other.session(old.id)).toBeUndefined()
      expect(await other.session(young.id)).toEqual(young)
      expect(await other.session(ended[0]?.id ?? '')).toBeUndefined()
      expect(await other.session(ended[1]?.id ?? '')).toEqual(ended[1])
      expect(await other.refreshToken('old')).toBeUndefined()
      expect(await other.refreshToken('young')).toBeDefined()
    })

    it('keeps signing keys in the order of their making', async () => {
      const [first, second] = [1, 2].map((second) => ({
        id: uuidv7(),
        publicKey: '{"kty":"EC"}',
        sealedPrivateKey: 'sealed'.repeat(100),
        createdAt: at(second),
      }))
      if (!first || !second) throw new Error('two keys were made')
      await store.addSigningKey(second)
      await store.addSigningKey(first)
      expect(await other.signingKeys()).toEqual([first, second])
      await store.removeSigningKeys([first.id, uuidv7()])
      await store.removeSigningKeys([])
      expect(await other.signingKeys()).toEqual([second])
    })

    it('has everything again after it was closed and opened', async () => {
      const ada = account('ada')
      const mine = session(ada.id)
      await store.addAccount(ada, firstSession(ada.id))
      await store.addSession(mine, 100)
      await store.addRefreshToken(token('kept', { sessionId: mine.id }))
      await Promise.all([store.close(), other.close()])
      store = await place.open()
      other = await place.open()
      expect(await store.accountByUsername('ada')).toEqual(ada)
      expect(await store.unannouncedAccounts(at(1), 10)).toEqual([ada])
      expect(await store.session(mine.id)).toEqual(mine)
      expect((await store.refreshToken('kept'))?.sessionId).toBe(mine.id)
    })

    it('says whether it answers, and may be closed twice', async () => {
      expect(await store.ready()).toBe(true)
      await store.close()
      await store.close()
      expect(await store.ready()).toBe(false)
    })
  })
}
