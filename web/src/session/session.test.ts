import { describe, expect, it } from '@jest/globals'
import { ApiError } from '../api/api-error.ts'
import type { Post } from '../api/post.ts'
import { createSession } from './session.ts'
import type { Tabs } from './tabs.ts'

const lifetime = 600_000
const signedIn = (accessToken: string, userId = 'ann') => ({
  accessToken,
  accessTokenExpiresAt: new Date(lifetime).toISOString(),
  session: { id: 's', lastSeenAt: new Date(0).toISOString() },
  userId,
  user: { id: userId, username: userId, displayName: userId, avatarUrl: null },
})

/** Any number of tabs that share a browser. */
function createBrowser() {
  let turn: Promise<unknown> = Promise.resolve()
  const listeners = new Map<Tabs, Parameters<Tabs['onTold']>[0]>()
  const openTab = (): Tabs => {
    const tab: Tabs = {
      inTurn: (work) => {
        const mine = turn.then(work)
        turn = mine.catch(() => {})
        return mine
      },
      tell: (signedIn) => {
        for (const [other, listener] of listeners) if (other !== tab) listener(signedIn)
      },
      onTold: (listener) => void listeners.set(tab, listener),
    }
    return tab
  }
  return { openTab }
}

interface Answers {
  refresh?: () => unknown
  login?: () => unknown
  logout?: () => unknown
}

/** A session on a server that answers each operation by `answers`, with a clock and a timer in the test's hand. */
function sessionOn(answers: Answers, tabs: Tabs = createBrowser().openTab()) {
  const calls: string[] = []
  const timers: { task: () => void; ms: number }[] = []
  const clock = { now: 5_000_000 }
  const answer = async (document: unknown) => {
    const text = JSON.stringify(document)
    const name = (['refresh', 'login', 'logout'] as const).find((field) => text.includes(`"value":"${field}"`))
    calls.push(name ?? 'unknown')
    return { [name ?? 'unknown']: await answers[name ?? 'login']?.() }
  }
  const session = createSession({
    post: answer as Post,
    tabs,
    now: () => clock.now,
    schedule: (task, ms) => {
      const timer = { task, ms }
      timers.push(timer)
      return () => timers.splice(timers.indexOf(timer), 1)
    },
  })
  return { session, calls, timers, clock }
}

const refusal = () => Promise.reject(new ApiError('No session.', 'UNAUTHENTICATED'))
const silence = () => Promise.reject(new ApiError('No answer.', 'NETWORK'))

describe('session', () => {
  it('takes up the session of the cookie', async () => {
    const { session } = sessionOn({ refresh: () => signedIn('t1') })
    await session.start()
    expect(session.state()).toMatchObject({ status: 'signed-in', viewer: { userId: 'ann' } })
    expect(session.accessToken()).toBe('t1')
  })

  it('goes to the sign-in page without a note when there is no session', async () => {
    const { session } = sessionOn({ refresh: refusal })
    await session.start()
    expect(session.state()).toEqual({ status: 'signed-out', note: undefined })
  })

  it('keeps trying while the server cannot be reached', async () => {
    let isAway = true
    const { session, timers } = sessionOn({ refresh: () => (isAway ? silence() : signedIn('t1')) })
    await session.start()
    expect(session.state().status).toBe('unreachable')
    isAway = false
    const became = new Promise<void>((resolve) => session.subscribe(resolve))
    timers[0]?.task()
    await became
    expect(session.state().status).toBe('signed-in')
  })

  it('refreshes shortly before the token expires, whatever the clock of the device says', async () => {
    const { session, timers } = sessionOn({ refresh: () => signedIn('t1') })
    await session.start()
    expect(timers.map(({ ms }) => ms)).toEqual([lifetime - 30_000])
  })

  it('makes one request for callers at the same time', async () => {
    const { session, calls } = sessionOn({ refresh: () => signedIn('t1') })
    expect(await Promise.all([session.refresh(), session.refresh(), session.freshToken()])).toEqual(['t1', 't1', 't1'])
    expect(calls).toEqual(['refresh'])
  })

  it('gets a new token when the old one is about to expire', async () => {
    let count = 0
    const { session, clock } = sessionOn({ refresh: () => signedIn(`t${++count}`) })
    await session.start()
    expect(await session.freshToken()).toBe('t1')
    clock.now += lifetime - 29_000
    expect(await session.freshToken()).toBe('t2')
  })

  it('says so when the server ends the session', async () => {
    let isOver = false
    const { session } = sessionOn({ refresh: () => (isOver ? refusal() : signedIn('t1')) })
    await session.start()
    isOver = true
    await expect(session.refresh()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(session.state()).toMatchObject({ status: 'signed-out', note: expect.stringContaining('signed out') })
    expect(session.accessToken()).toBeUndefined()
  })

  it('keeps saying why it ended when a request that was late is refused', async () => {
    let isOver = false
    const { session } = sessionOn({ refresh: () => (isOver ? refusal() : signedIn('t1')) })
    await session.start()
    isOver = true
    session.end('Signed out elsewhere.')
    await expect(session.refresh()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(session.state()).toEqual({ status: 'signed-out', note: 'Signed out elsewhere.' })
  })

  it('does not sign in again by a refresh that was under way at the sign-out', async () => {
    const late = Promise.withResolvers<unknown>()
    const { session } = sessionOn({ login: () => signedIn('t1'), refresh: () => late.promise, logout: () => true })
    await session.signIn({ username: 'ann', password: 'secret' })
    const refreshed = session.refresh()
    await session.signOut()
    late.resolve(signedIn('t2'))
    await expect(refreshed).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(session.state().status).toBe('signed-out')
  })

  it('is refreshed by one of six tabs for all', async () => {
    let count = 0
    const { openTab } = createBrowser()
    const tabs = Array.from({ length: 6 }, () => sessionOn({ refresh: () => signedIn(`t${++count}`) }, openTab()))
    await Promise.all(tabs.map(({ session }) => session.start()))
    expect(tabs.map(({ session }) => session.accessToken())).toEqual(Array(6).fill('t1'))
    for (const { clock } of tabs) clock.now += lifetime
    await Promise.all(tabs.map(({ session }) => session.freshToken()))
    expect(tabs.map(({ session }) => session.accessToken())).toEqual(Array(6).fill('t2'))
    expect(tabs.flatMap(({ calls }) => calls)).toEqual(['refresh', 'refresh'])
  })

  it('takes no token of another tab once it is signed out, and none of another viewer', async () => {
    const { openTab } = createBrowser()
    const [ann, left, other] = [
      sessionOn({ refresh: () => signedIn('t2') }, openTab()),
      sessionOn({ refresh: refusal }, openTab()),
      sessionOn({ login: () => signedIn('t1', 'ben') }, openTab()),
    ]
    await left.session.start()
    await other.session.signIn({ username: 'ben', password: 'secret' })
    await ann.session.refresh()
    expect(ann.session.accessToken()).toBe('t2')
    expect(left.session.state().status).toBe('signed-out')
    expect(other.session.accessToken()).toBe('t1')
  })

  it('does not refresh after a sign-out that came while it waited for its turn', async () => {
    const { openTab } = createBrowser()
    const late = Promise.withResolvers<void>()
    const busy = openTab().inTurn(() => late.promise)
    const { session, calls } = sessionOn({ refresh: () => signedIn('t2') }, openTab())
    const refreshed = session.refresh()
    session.end('Signed out elsewhere.')
    late.resolve()
    await busy
    await expect(refreshed).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(calls).toEqual([])
  })
})
