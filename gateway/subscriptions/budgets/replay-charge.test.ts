import { expect, it } from '@jest/globals'
import { createReplayCharge } from './replay-charge.ts'

const start = (take: (points: number) => Promise<void> = async () => {}) => {
  const taken: number[] = []
  let bytes = 0
  const charge = createReplayCharge(
    async (points) => {
      taken.push(points)
      await take(points)
    },
    (more) => {
      bytes += more
    },
  )
  return { charge, taken, sum: () => taken.reduce((sum, points) => sum + points, 0), bytes: () => bytes }
}

it('takes points for each event and each 500 bytes, in portions, and the rest at the end', async () => {
  const { charge, taken, sum, bytes } = start()
  for (let event = 0; event < 1_000; event += 1) await charge.add(1_000)
  charge.settle()
  charge.settle()
  expect(bytes()).toBe(1_000_000)
  expect(sum()).toBe(6_000)
  expect(Math.max(...taken)).toBeLessThan(300)
  expect(taken.length).toBeLessThan(30)
})

it('takes those of a large event before it is written', async () => {
  const { charge, taken } = start()
  await charge.add(1_000_000)
  expect(taken).toEqual([2_004])
})

it('throws what refuses the points, and keeps silent once nobody is left to be told', async () => {
  const { charge } = start(async () => Promise.reject(new Error('none left')))
  await expect(charge.add(1_000_000)).rejects.toThrow('none left')
  void charge.add(1)
  charge.settle()
  await new Promise(setImmediate)
})
