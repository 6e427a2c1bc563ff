import { describe, expect, it } from '@jest/globals'
import { until } from './bad-server.harness.ts'
import { closeAfterEach, seenBy, snapshot, startClient } from './following.harness.ts'
import { tokenUntil } from './token.harness.ts'

closeAfterEach()

const start = 1_800_000_000

/** A token source in the test's hand: it gives what `give` says, and notes which tokens it was to replace. */
function tokenSource(...answers: (string | null | Error | Promise<string>)[]) {
  const asked: (string | undefined)[] = []
  let last: string | null | Error | Promise<string> = new Error('No token yet')
  return {
    asked,
    async token(insteadOf?: string) {
      asked.push(insteadOf)
      const [next] = answers.splice(0, 1)
      if (next !== undefined) last = next
      if (last instanceof Error) throw last
      return last
    },
  }
}

describe('an access token', () => {
  it('is brought to the open socket before the old one runs out, again and again', async () => {
    const tokens = [0, 1, 2].map((n) => tokenUntil({ n, iat: start + 570 * n, exp: start + 570 * n + 600 }))
    const source = tokenSource(...tokens)
    const { server, follow, letPass } = await startClient({ token: source.token })
    const following = follow()
    const visit = await server.visit()
    expect(visit.authorization).toBe(`Bearer ${tokens[0]}`)
    await visit.subscription()
    for (const n of [1, 2]) {
      await letPass(570_000, visit)
      expect(await visit.broughtToken()).toBe(`Bearer ${tokens[n]}`)
    }
    expect(source.asked).toEqual([undefined, tokens[0], tokens[1]])
    expect(following.statuses).toEqual([])
    expect(server.connections()).toBe(1)
  })

  it('is asked for again when it cannot be renewed for now, while the old one serves', async () => {
    const [old, renewed] = [tokenUntil({ iat: start, exp: start + 10 }), tokenUntil({ iat: start, exp: start + 100 })]
    const source = tokenSource(old, new Error('away'), new Error('away'), renewed)
    const { server, clock, follow, retryAfter } = await startClient({ token: source.token })
    const following = follow()
    const visit = await server.visit()
    await visit.subscription()
    clock.pass(5_000)
    await retryAfter(1_000)
    await retryAfter(2_000)
    expect(await visit.broughtToken()).toBe(`Bearer ${renewed}`)
    expect(following.statuses).toEqual([])
  })

  it('is not brought twice, and is asked for again when it was not new', async () => {
    const [old, renewed] = [tokenUntil({ iat: start, exp: start + 60 }), tokenUntil({ iat: start, exp: start + 100 })]
    const source = tokenSource(old, old, renewed)
    const { server, clock, follow, letPass } = await startClient({ token: source.token })
    follow()
    const visit = await server.visit()
    await visit.subscription()
    await letPass(30_000, visit)
    expect(source.asked).toHaveLength(2)
    await letPass(15_000, visit)
    expect(await visit.broughtToken()).toBe(`Bearer ${renewed}`)
    expect(clock.now()).toBe((start + 45) * 1_000)
  })

  it('is another one after a close with 4403, and hurry ends when that is refused as well', async () => {
    const source = tokenSource('one', 'two', 'three', 'four')
    const { server, follow, retryAfter } = await startClient({ token: source.token })
    const following = follow()
    for (const [index, { token, delay }] of [
      { token: 'one', delay: 1_000 },
      { token: 'two', delay: 10_000 },
      { token: 'three', delay: 20_000 },
    ].entries()) {
      const visit = await server.visit()
      expect(visit.authorization).toBe(`Bearer ${token}`)
      visit.close(4403)
      await until('the loss is noticed', () => following.losses.length === index + 1)
      await retryAfter(delay)
    }
    expect((await server.visit()).authorization).toBe('Bearer four')
    expect(source.asked).toEqual([undefined, 'one', 'two', 'three'])
  })

  it('is instead of the last one that the server had', async () => {
    const [old, renewed] = [tokenUntil({ iat: start, exp: start + 10 }), tokenUntil({ iat: start, exp: start + 100 })]
    const source = tokenSource(old, renewed, 'another')
    const { server, clock, follow, retryAfter } = await startClient({ token: source.token })
    follow()
    const visit = await server.visit()
    await visit.subscription()
    clock.pass(5_000)
    await visit.broughtToken()
    visit.close(4403)
    await retryAfter(1_000)
    expect((await server.visit()).authorization).toBe('Bearer another')
    expect(source.asked).toEqual([undefined, old, renewed])
  })

  it('is another one still when none could be had at first', async () => {
    const source = tokenSource('one', new Error('away'), 'two')
    const { server, follow, retryAfter } = await startClient({ token: source.token })
    follow()
    ;(await server.visit()).close(4403)
    await retryAfter(1_000)
    await retryAfter(2_000)
    expect((await server.visit()).authorization).toBe('Bearer two')
    expect(source.asked).toEqual([undefined, 'one', 'one'])
  })

  it('is waited for: no socket is opened without one', async () => {
    const source = tokenSource(new Error('away'), new Error('away'), 'one')
    const { server, follow, retryAfter } = await startClient({ token: source.token })
    const following = follow()
    await retryAfter(1_000)
    expect(following.losses).toEqual([{ kind: 'no-token', error: new Error('away') }])
    await retryAfter(2_000)
    const visit = await server.visit()
    expect(visit.authorization).toBe('Bearer one')
    expect(following.statuses).toEqual(['reconnecting', 'reconnecting'])
  })

  it('is not waited for for ever', async () => {
    const source = tokenSource(new Promise<string>(() => {}), 'one')
    const { server, clock, follow, retryAfter } = await startClient({ token: source.token })
    const following = follow()
    await until('it is asked for', () => source.asked.length === 1)
    clock.pass(15_000)
    await until('that is given up', () => following.losses.length === 1)
    await retryAfter(1_000)
    await server.visit()
  })
})

describe('signing out', () => {
  it.each(['by the server', 'by the token source at once', 'by the token source later'])(
    'ends everything: %s',
    async (by) => {
      const short = tokenUntil({ iat: start, exp: start + 10 })
      const source = tokenSource(...(by === 'by the token source at once' ? [null] : [short, null]))
      let signedOut = 0
      const { server, clock, follow, nothingIsLeft } = await startClient({
        token: source.token,
        onSignedOut: () => signedOut++,
      })
      const followings = [follow(), follow()]
      if (by !== 'by the token source at once') {
        const visit = await server.visit()
        ;(await visit.subscription()).next(snapshot(1))
        await seenBy(followings[0] as (typeof followings)[0], 1)
        if (by === 'by the server') visit.close(4401)
        else clock.pass(5_000)
        await visit.closed
      }
      await until('all have ended', () => followings.every(({ statuses }) => statuses.at(-1) === 'ended'))
      expect(followings.map(({ losses }) => losses.at(-1))).toEqual(
        Array(2).fill(expect.objectContaining({ kind: 'closed', code: 4401 })),
      )
      expect(signedOut).toBe(1)
      await nothingIsLeft()
    },
  )

  it('is no end of the client: what is followed after the next sign-in has a socket of its own', async () => {
    const source = tokenSource('ann', 'ben')
    const { server, follow } = await startClient({ token: source.token })
    const before = follow()
    const visit = await server.visit()
    visit.close(4401)
    await until('it has ended', () => before.statuses.at(-1) === 'ended')
    follow()
    expect((await server.visit()).authorization).toBe('Bearer ben')
  })
})
