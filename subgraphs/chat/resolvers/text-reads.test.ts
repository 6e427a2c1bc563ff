import { expect, it } from '@jest/globals'
import { createResponseMeter } from '../../../platform/graphql/response-meter.ts'
import type { Message } from '../domain/room-event.ts'
import { createTextReads } from './text-reads.ts'

const pageOf = (...texts: string[]) => ({
  items: texts.map((text) => ({ text }) as Message),
  hasNextPage: false,
  hasPreviousPage: false,
})

it('reads two pages at a time for one operation', async () => {
  const reads = createTextReads()
  let [reading, most] = [0, 0]
  const read = async () => {
    reading += 1
    most = Math.max(most, reading)
    await new Promise(setImmediate)
    reading -= 1
    return pageOf('a')
  }
  const pages = await Promise.all(Array.from({ length: 10 }, () => reads(undefined, read)))
  expect({ most, pages: pages.length }).toEqual({ most: 2, pages: 10 })
})

it('reads no more pages once those that were read have more bytes than the response may have', async () => {
  const reads = createTextReads()
  const meter = createResponseMeter(10_000)
  let count = 0
  const read = async () => {
    count += 1
    // Three bytes for each character.
    return pageOf('語'.repeat(1_000), '語'.repeat(1_000))
  }
  const ends = await Promise.allSettled(Array.from({ length: 30 }, () => reads(meter, read)))
  expect(count).toBeLessThanOrEqual(3)
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(meter.stopped()).toMatchObject({ details: { limit: 'response_bytes' } })
})

it('goes on after a read that failed', async () => {
  const reads = createTextReads()
  const fail = () => reads(undefined, async () => Promise.reject(new Error('away')))
  const ends = await Promise.allSettled([fail(), fail(), fail()])
  expect(ends.every(({ status }) => status === 'rejected')).toBe(true)
  expect(await reads(undefined, async () => pageOf('a'))).toEqual(pageOf('a'))
})
