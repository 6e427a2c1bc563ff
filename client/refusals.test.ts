import { describe, expect, it } from '@jest/globals'
import { errorCodes } from '../platform/errors/app-error.ts'
import { until } from './bad-server.harness.ts'
import { closeAfterEach, seenBy, sent, snapshot, startClient } from './following.harness.ts'

closeAfterEach()

/** What follows an error with this code: the longest delay before the first try, or the end. */
const afterError: Record<string, number | 'ended'> = {
  BAD_USER_INPUT: 'ended',
  UNAUTHENTICATED: 1_000,
  FORBIDDEN: 'ended',
  NOT_FOUND: 'ended',
  CONFLICT: 'ended',
  TOO_MANY_REQUESTS: 5_000,
  UNAVAILABLE: 1_000,
  INTERNAL_SERVER_ERROR: 5_000,
  A_NEW_ONE: 5_000,
}

describe('a subscription that the server refuses', () => {
  it('is tested with every code of the graph', () => {
    expect(Object.keys(afterError)).toEqual(expect.arrayContaining(errorCodes))
  })

  const ways = ['as an error', 'as a result without data'] as const
  const cases = ways.flatMap((way) => Object.entries(afterError).map(([code, then]) => ({ way, code, then })))

  it.each(cases)('goes on as the code asks, and others are not disturbed: $code $way', async ({ way, code, then }) => {
    const { server, follow, retryAfter } = await startClient()
    const other = follow()
    const visit = await server.visit()
    const askedByOther = await visit.subscription()
    const following = follow()
    const asked = await visit.subscription()
    asked.next(snapshot(1))
    await seenBy(following, 1)
    if (way === 'as an error') asked.refuse({ code })
    else asked.next(null, [{ message: 'No.', extensions: { code } }])
    if (then === 'ended') {
      await until('it has ended', () => following.statuses.at(-1) === 'ended')
      expect(following.losses.at(-1)).toEqual({ kind: 'refused', errors: [{ message: 'No.', extensions: { code } }] })
      expect(following.statuses).toEqual(['live', 'ended'])
    } else {
      await retryAfter(then)
      const again = await visit.subscription()
      expect(again.variables.after).toBe('c1')
      again.next(sent(2))
      await seenBy(following, 2)
      expect(following.statuses).toEqual(['live', 'reconnecting'])
    }
    askedByOther.next(snapshot(5))
    await seenBy(other, 1)
    expect(other.statuses).toEqual(['live'])
    expect(server.connections()).toBe(1)
  })

  it.each([
    [7, 8_000],
    [0, 1_000],
    [-5, 1_000],
    ['soon', 1_000],
    [Number.MAX_SAFE_INTEGER, 301_000],
  ])('is not asked for again before %p seconds, within reason', async (seconds, delay) => {
    const { server, follow, retryAfter } = await startClient()
    follow()
    const visit = await server.visit()
    ;(await visit.subscription()).refuse({ code: 'UNAVAILABLE', retryAfter: seconds })
    await retryAfter(delay, visit)
    await visit.subscription()
  })

  it('is not asked for again early because another connection is there', async () => {
    const { server, clock, follow, retryAfter, letPass } = await startClient()
    const limited = follow({ variables: { roomId: 'limited' } })
    const other = follow({ variables: { roomId: 'other' } })
    const visit = await server.visit()
    const asked = await visit.subscription()
    asked.refuse({ code: 'TOO_MANY_REQUESTS', retryAfter: 60 })
    await until('it waits', () => limited.losses.length === 1)
    visit.close(1012)
    await until('the other waits', () => other.losses.length === 1)
    await retryAfter(1_000)
    const again = await server.visit()
    expect((await again.subscription()).variables.roomId).toBe('other')
    const left = 64_000
    expect(clock.pending()).toContain(left)
    await letPass(left, again)
    expect((await again.subscription()).variables.roomId).toBe('limited')
  })

  it('has another token when it is asked for again, if that was missing', async () => {
    let count = 0
    const given: (string | undefined)[] = []
    const token = async (insteadOf?: string) => {
      given.push(insteadOf)
      return `token ${++count}`
    }
    const { server, follow, retryAfter } = await startClient({ token })
    follow()
    const visit = await server.visit()
    ;(await visit.subscription()).refuse({ code: 'UNAUTHENTICATED' })
    expect(await visit.broughtToken()).toBe('Bearer token 2')
    await retryAfter(1_000)
    ;(await visit.subscription()).refuse({ code: 'UNAUTHENTICATED' })
    expect(await visit.broughtToken()).toBe('Bearer token 3')
    await retryAfter(10_000, visit)
    await visit.subscription()
    expect(given).toEqual([undefined, 'token 1', 'token 2'])
  })

  it('is none when only a field could not be given', async () => {
    const { server, follow } = await startClient()
    const found: unknown[] = []
    const following = follow({ onEvent: (_, { errors }) => found.push(errors) })
    const asked = await (await server.visit()).subscription()
    const error = { message: 'Names are away.', path: ['roomEvents', 'sender'], extensions: { code: 'UNAVAILABLE' } }
    asked.next(snapshot(1), [error])
    asked.next(sent(2))
    await seenBy(following, 2)
    expect(found).toEqual([[error], []])
    expect(following.statuses).toEqual(['live'])
  })

  it('is not even asked for with variables that are no JSON, and sent with those that were given', async () => {
    const { server, follow } = await startClient()
    expect(() => follow({ variables: { size: 1n } })).toThrow('BigInt')
    const variables = { roomId: 'one' }
    follow({ variables })
    variables.roomId = 'another'
    expect((await (await server.visit()).subscription()).variables.roomId).toBe('one')
  })
})
