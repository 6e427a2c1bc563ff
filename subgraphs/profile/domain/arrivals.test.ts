import { expect, it } from '@jest/globals'
import { createArrivals } from './arrivals.ts'

const never = 2 ** 31 - 1

it('wakes everyone who waits at an announcement', async () => {
  const arrivals = createArrivals(never)
  const waiting = [arrivals.next(), arrivals.next()]
  arrivals.announce()
  expect(await Promise.all(waiting)).toEqual([true, true])
})

it('wakes by itself when nothing is announced, again and again', async () => {
  const arrivals = createArrivals(1)
  expect(await arrivals.next()).toBe(true)
  expect(await arrivals.next()).toBe(true)
})

it('wakes together those who began to wait at different times', async () => {
  const arrivals = createArrivals(20)
  const woken: string[] = []
  const first = arrivals.next().then(() => woken.push('first'))
  await new Promise((resolve) => setTimeout(resolve, 5))
  const second = arrivals.next().then(() => woken.push('second'))
  await first
  await new Promise(setImmediate)
  expect(woken).toEqual(['first', 'second'])
  await second
})

it('does not count what was announced before', async () => {
  const arrivals = createArrivals(never)
  arrivals.announce()
  const order: string[] = []
  const waiting = arrivals.next().then(() => order.push('woken'))
  await new Promise(setImmediate)
  order.push('announced')
  arrivals.announce()
  await waiting
  expect(order).toEqual(['announced', 'woken'])
})

it('lets no more than ten thousand wait', async () => {
  const arrivals = createArrivals(never)
  const waiting = Array.from({ length: 10_000 }, () => arrivals.next())
  expect(await arrivals.next()).toBe(false)
  arrivals.announce()
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([true]))
  const next = arrivals.next()
  arrivals.announce()
  expect(await next).toBe(true)
})
