import { expect, it } from '@jest/globals'
import { createReplayTurns } from './replay-turns.ts'

it('lets one listener take one step in each turn of the event loop, each after the others', async () => {
  const { next } = createReplayTurns()
  const steps: string[] = []
  const read = async (listener: string) => {
    for (let step = 0; step < 5; step += 1) {
      await next()
      steps.push(listener)
    }
  }
  const all = Promise.all([read('ann'), read('ben'), read('eve')])
  for (let seen = 0; steps.length < 15; seen = steps.length) {
    await new Promise(setImmediate)
    expect(steps.length - seen).toBeLessThanOrEqual(1)
  }
  await all
  expect(steps).toEqual(Array.from({ length: 5 }, () => ['ann', 'ben', 'eve']).flat())
})

it('begins again after everybody has left', async () => {
  const { next } = createReplayTurns()
  await next()
  await Promise.all([next(), next()])
})
