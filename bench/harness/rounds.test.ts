import { expect, it } from '@jest/globals'
import { inRounds } from './rounds.ts'

it('measures the contenders in turn, each once a round', async () => {
  const order: string[] = []
  const contender = (name: string) => async () => order.push(name)
  const figures = await inRounds(2, { a: contender('a'), b: contender('b') })
  expect(order).toEqual(['a', 'b', 'a', 'b'])
  expect(figures).toEqual({ a: [1, 3], b: [2, 4] })
})
