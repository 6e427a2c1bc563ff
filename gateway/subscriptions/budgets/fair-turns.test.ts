import { expect, it } from '@jest/globals'
import { createFairTurns } from './fair-turns.ts'

/** Turns on a clock that moves only when work takes its time. */
const start = () => {
  let time = 0
  const done: string[] = []
  const turns = createFairTurns(() => time)
  const ask = (owner: string, milliseconds: number) =>
    turns.run(owner, async () => {
      time += milliseconds
      done.push(owner)
      return done.length
    })
  return { turns, ask, done }
}
const everyTurn = () => new Promise(setImmediate)

it('begins work at once while there is little of it', async () => {
  const { ask, done } = start()
  void ask('ann', 1)
  void ask('ben', 1)
  expect(done).toEqual(['ann', 'ben'])
})

it('has the owners take turns with what one turn of the event loop has no time for', async () => {
  const { turns, ask, done } = start()
  const all = Array.from({ length: 50 }, () => ask('flood', 5))
  const one = ask('ann', 1)
  const other = ask('ben', 1)
  expect(turns.waiting()).toBe(51)
  await Promise.all([one, other])
  expect(done.length).toBeLessThanOrEqual(5)
  await Promise.all(all)
  expect(turns.waiting()).toBe(0)
  expect(done).toHaveLength(52)
})

it('leaves the event loop its turns between', async () => {
  const { ask, done } = start()
  const all = Array.from({ length: 20 }, () => ask('flood', 5))
  let seen = 0
  while (done.length < 20) {
    await everyTurn()
    expect(done.length - seen).toBeLessThanOrEqual(2)
    seen = done.length
  }
  await Promise.all(all)
})

it('rejects as the work does, and goes on', async () => {
  const { turns, ask } = start()
  void ask('ann', 10)
  await expect(turns.run('ann', async () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
  expect(await ask('ann', 1)).toBe(2)
})
