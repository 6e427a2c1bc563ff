import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { AppError } from '../../../platform/errors/app-error.ts'
import { createFairTurns } from './fair-turns.ts'

/** Turns whose work ends when the test says so; `log` has the work in the order in which it began or was refused. */
function startTurns(running = 2, waiting = 6, waitingPerAccount = 2) {
  const inTurn = createFairTurns({ running, waiting, waitingPerAccount })
  const log: string[] = []
  const open: { account: string; end(): void }[] = []
  const ask = (account: string, ip: string | null) =>
    inTurn({ account, ip }, async () => {
      log.push(account)
      await new Promise<void>((end) => open.push({ account, end }))
    }).catch((error: unknown) => {
      log.push(`${account} ${error instanceof AppError ? error.code : error}`)
    })
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  const endOldest = async () => {
    open.shift()?.end()
    await settle()
  }
  return { ask, log, open, settle, endOldest }
}

describe('fair turns', () => {
  it('gives an account one turn at a time, and refuses what waits past its share', async () => {
    const { ask, log, settle, endOldest } = startTurns()
    for (let times = 0; times < 4; times += 1) ask('ada', null)
    ask('bob', null)
    await settle()
    expect(log).toEqual(['ada', 'bob', 'ada TOO_MANY_REQUESTS'])
    await endOldest()
    expect(log).toEqual(['ada', 'bob', 'ada TOO_MANY_REQUESTS', 'ada'])
  })

  it('serves addresses in rotation', async () => {
    const { ask, log, settle, endOldest } = startTurns(1)
    for (const account of ['a1', 'a2', 'a3', 'a4']) ask(account, '192.0.2.1')
    for (const account of ['b1', 'b2']) ask(account, '192.0.2.2')
    await settle()
    for (let times = 0; times < 5; times += 1) await endOldest()
    expect(log).toEqual(['a1', 'a2', 'b1', 'a3', 'b2', 'a4'])
  })

  it('takes the place of the address with the most work for one that has less', async () => {
    const { ask, log, settle } = startTurns(1, 3)
    for (const account of ['a1', 'a2', 'a3', 'a4', 'a5']) ask(account, '2001:db8::1')
    await settle()
    expect(log).toEqual(['a1', 'a5 UNAVAILABLE'])
    ask('b1', '2001:db8:1::1')
    ask('b2', '2001:db8:1::2')
    await settle()
    expect(new Set(log.slice(2))).toEqual(new Set(['a4 UNAVAILABLE', 'b2 UNAVAILABLE']))
  })

  it('stays within its bounds and serves or refuses everything', async () => {
    const step = fc.oneof(
      fc.record({
        account: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        ip: fc.constantFrom('192.0.2.1', '192.0.2.2', null),
      }),
      fc.constant('end' as const),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { ask, open, settle, endOldest } = startTurns()
        const asked: Promise<void>[] = []
        for (const one of steps) {
          if (one === 'end') await endOldest()
          else asked.push(ask(one.account, one.ip))
          await settle()
          expect(open.length).toBeLessThanOrEqual(2)
          expect(new Set(open.map(({ account }) => account)).size).toBe(open.length)
        }
        while (open.length > 0) await endOldest()
        await Promise.all(asked)
      }),
      { numRuns: 100 },
    )
  })
})
