import { expect, it } from '@jest/globals'
import { createFairTurns } from './fair-turns.ts'

/** Turns on a clock that work moves on by the time that it is said to take. */
const start = (clock = () => performance.now()) => {
  let taken = 0
  const done: string[] = []
  const turns = createFairTurns(() => clock() + taken)
  const ask = (owner: string, milliseconds: number, options?: { pauses?: boolean; group?: string }) =>
    turns.run(
      { group: options?.group ?? owner, name: owner },
      async () => {
        taken += milliseconds
        done.push(owner)
        return done.length
      },
      options,
    )
  const pass = (milliseconds: number) => {
    taken += milliseconds
  }
  return { turns, ask, done, pass }
}
const alone = (name: string) => ({ group: name, name })
const everyTurn = () => new Promise(setImmediate)

it('begins work at once, and in the same turn of the event loop while there is little of it', async () => {
  const { ask, done } = start(() => 0)
  let turns = 0
  setImmediate(() => {
    turns += 1
  })
  const all = [ask('ann', 0), ask('ben', 0)]
  expect(done).toEqual(['ann'])
  await Promise.all(all)
  expect({ done, turns }).toEqual({ done: ['ann', 'ben'], turns: 0 })
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

it('has the groups take turns, and the owners of each, however many they are', async () => {
  const { ask, done } = start()
  const all = Array.from({ length: 300 }, (_, n) => ask(`flood ${n % 100}`, 5, { group: 'flood' }))
  const others = [0, 1, 2].map((n) => ask(`ann ${n}`, 5, { group: 'ann' }))
  await Promise.all(others)
  expect(done.length).toBeLessThanOrEqual(8)
  await Promise.all(all)
  const floods = done.filter((name) => name.startsWith('flood'))
  expect(new Set(floods.slice(0, 100)).size).toBe(100)
})

it('begins nothing of a group before what waits of it, whoever asks', async () => {
  const { ask, done } = start()
  const all = Array.from({ length: 10 }, () => ask('flood', 5, { group: 'one' }))
  await everyTurn()
  const late = ask('newcomer', 5, { group: 'one' })
  expect(done).not.toContain('newcomer')
  await ask('ann', 0)
  expect(done).not.toContain('newcomer')
  await Promise.all([late, ...all])
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

it('has as much of a turn as everything else took', async () => {
  const { ask, done, pass } = start(() => 0)
  const all = Array.from({ length: 30 }, (_, n) => ask(`stream ${n}`, 1, { pauses: false }))
  const inTurn = async () => {
    const before = done.length
    await everyTurn()
    return done.length - before
  }
  await inTurn()
  expect(await inTurn()).toBe(2)
  pass(7)
  expect(await inTurn()).toBe(7)
  expect(await inTurn()).toBe(2)
  pass(1_000)
  expect(await inTurn()).toBe(10)
  await Promise.all(all)
})

it('begins the work of somebody who has none waiting before that of one who has', async () => {
  const { ask, done } = start()
  const all = Array.from({ length: 20 }, () => ask('flood', 5))
  await everyTurn()
  await ask('ann', 0)
  expect(done.length).toBeLessThan(20)
  await Promise.all(all)
})

it('leaves half of the time to others while the work of one owner waits', async () => {
  const { ask } = start()
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: 4 }, () => ask('flood', 20)))
  // The first begins at once; the others wait, so that the second and the third are each followed by a pause.
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(40)
})

it('pauses after a long piece also when none of its work waited, and holds up nobody else', async () => {
  let time = 0
  const { ask, done } = start(() => time)
  await ask('flood', 50)
  const late = ask('flood', 50)
  await everyTurn()
  await ask('ann', 0)
  expect(done).toEqual(['flood', 'ann'])
  time += 50
  await late
  expect(done).toEqual(['flood', 'ann', 'flood'])
  await everyTurn()
  time += 50
})

it('pauses for work that came while the piece before it ran', async () => {
  let time = 0
  const { turns, done } = start(() => time)
  const piece = (name: string, during = () => {}) =>
    turns.run(alone('flood'), async () => {
      time += 50
      done.push(name)
      during()
    })
  let next: Promise<void> | undefined
  await piece('first', () => {
    next = piece('next')
  })
  for (let turn = 0; turn < 3; turn += 1) await everyTurn()
  expect(done).toEqual(['first'])
  time += 50
  await next
  expect(done).toEqual(['first', 'next'])
  await everyTurn()
  time += 50
})

it('ends a short pause while another owner has a long one', async () => {
  const { ask, done } = start()
  await ask('long', 500)
  await ask('short', 5)
  const waiting = ask('long', 0)
  await ask('short', 0)
  expect(done).toEqual(['long', 'short', 'short'])
  await waiting
})

it('never begins work whose signal has aborted while it waited', async () => {
  const { turns, ask, done } = start()
  const leaving = new AbortController()
  const run = () => turns.run(alone('ann'), async () => void done.push('ann'), { signal: leaving.signal })
  const first = ask('ben', 100)
  const refused = [run(), run()].map((each) => each.catch((error) => error))
  expect(turns.waiting()).toBe(2)
  leaving.abort()
  const late = expect.objectContaining({ code: 'UNAVAILABLE' })
  expect(await Promise.all(refused)).toEqual([late, late])
  expect(turns.waiting()).toBe(0)
  await expect(run()).rejects.toEqual(late)
  await first
  await everyTurn()
  expect(done).toEqual(['ben'])
  await ask('ann', 0)
})

it('does not pause with what many share', async () => {
  const { ask, done } = start()
  const all = Array.from({ length: 20 }, () => ask('stream', 1_000, { pauses: false }))
  for (let turn = 0; turn < 25; turn += 1) await everyTurn()
  expect(done).toHaveLength(20)
  await Promise.all(all)
})

it('counts what the work goes on to do in the same turn', async () => {
  const { turns, pass } = start()
  let done = 0
  const all = Array.from({ length: 20 }, (_, n) =>
    turns.run(alone(`user ${n}`), async () => {
      await Promise.resolve()
      pass(5)
      done += 1
    }),
  )
  for (let seen = 0; done < 20; seen = done) {
    await everyTurn()
    expect(done - seen).toBeLessThanOrEqual(2)
  }
  await Promise.all(all)
})

it('rejects as the work does, and goes on', async () => {
  const { turns, ask } = start()
  void ask('ann', 10)
  await expect(turns.run(alone('ann'), async () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
  expect(await ask('ann', 1)).toBe(2)
})
