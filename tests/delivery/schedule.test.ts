import { describe, expect, it } from '@jest/globals'
import { createChance } from './chance.ts'
import { createSchedule } from './schedule.ts'
import type { Part } from './target/target.ts'
import { createTally } from './verdict/faults.ts'

/** Takes parts away until there were so many tries. */
async function runSchedule(tries: number, strikes: Record<string, Part['strike']>) {
  const tally = createTally()
  const struck: string[] = []
  const parts = Object.entries(strikes).map(
    ([name, strike]): Part => ({
      name,
      strike(chance) {
        struck.push(name)
        return strike(chance)
      },
    }),
  )
  const isOver = () => struck.length >= tries
  const schedule = createSchedule({ parts, chance: createChance(1), tally, rest: [0, 0], isOver, say: () => {} })
  await schedule.run()
  return { struck, kills: schedule.kills(), away: schedule.away(), brokenOff: tally.counts().brokenOff }
}

describe('the schedule', () => {
  const killed: Part['strike'] = async () => ({ what: 'it', how: 'killed' })

  it('gives every part its turn before one has a second, and counts how each was taken away', async () => {
    const { struck, kills, away, brokenOff } = await runSchedule(6, { one: killed, two: killed, three: killed })
    expect(new Set(struck.slice(0, 3)).size).toBe(3)
    expect(new Set(struck.slice(3)).size).toBe(3)
    expect(kills).toEqual({ one: { killed: 2 }, two: { killed: 2 }, three: { killed: 2 } })
    expect(new Set(away)).toEqual(new Set(['one', 'two', 'three']))
    expect(brokenOff).toBe(0)
  })

  it('blames a part that does not come back, and goes on with the others', async () => {
    const lost: Part['strike'] = () => Promise.reject(new Error('it did not start'))
    const { kills, brokenOff } = await runSchedule(2, { one: lost, two: killed })
    expect(kills).toEqual({ two: { killed: 1 } })
    expect(brokenOff).toBe(1)
  })
})
