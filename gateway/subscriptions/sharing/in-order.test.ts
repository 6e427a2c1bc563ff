import { expect, it } from '@jest/globals'
import { createInOrder } from './in-order.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)))

it('gives results in the order in which the work was begun, and at once what is due at once', async () => {
  const given: string[][] = []
  const inOrder = createInOrder<string>({ limit: 10, onReady: (results) => given.push(results) })
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()]
  for (const work of [first.promise, second.promise, Promise.resolve('third')]) await inOrder.add(work)
  second.resolve('second')
  await turn()
  expect(given).toEqual([])
  first.resolve('first')
  await inOrder.settled()
  expect(given).toEqual([['first', 'second', 'third']])
})

it('takes no more than its limit at a time', async () => {
  const inOrder = createInOrder<number>({ limit: 2, onReady: () => {} })
  const works = [0, 1, 2].map(() => Promise.withResolvers<number>())
  let taken = 0
  const adding = (async () => {
    for (const { promise } of works) {
      await inOrder.add(promise)
      taken += 1
    }
  })()
  await turn()
  expect(taken).toBe(1)
  works[0]?.resolve(0)
  await turn()
  expect(taken).toBe(2)
  works[1]?.resolve(1)
  works[2]?.resolve(2)
  await adding
  await inOrder.settled()
  expect(taken).toBe(3)
})

it('is settled when there is nothing', async () => {
  await createInOrder({ limit: 1, onReady: () => {} }).settled()
})
