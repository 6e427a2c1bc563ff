import { expect, it } from '@jest/globals'
import { createArrivals } from './arrivals.ts'

const never = 2 ** 31 - 1

it('wakes everyone who waits at an announcement', async () => {
  const arrivals = createArrivals()
  const waiting = [arrivals.next(never), arrivals.next(never)]
  arrivals.announce()
  await Promise.all(waiting)
})

it('wakes by itself when nothing is announced', async () => {
  await createArrivals().next(1)
})

it('does not count what was announced before', async () => {
  const arrivals = createArrivals()
  arrivals.announce()
  const order: string[] = []
  const waiting = arrivals.next(never).then(() => order.push('woken'))
  await new Promise(setImmediate)
  order.push('announced')
  arrivals.announce()
  await waiting
  expect(order).toEqual(['announced', 'woken'])
})
