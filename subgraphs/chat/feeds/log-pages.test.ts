import { beforeEach, describe, expect, it } from '@jest/globals'
import type { RoomEvent } from '../domain/room-event.ts'
import { sent } from '../testing/drafts.ts'
import { until } from '../testing/until.ts'
import { bytesOf } from './event-ring.ts'
import { createLogPages, createPageCache } from './log-pages.ts'

const roomId = 'room'
const cacheOf = (maxPageBytes: number, pageAge = 3_600_000) => createPageCache({ maxPageBytes, pageAge })

describe('log pages', () => {
  let log: RoomEvent[]
  /** Where reads began, and what a test does in place of one. */
  let reads: number[]
  let read: (after: number, limit: number) => Promise<RoomEvent[]>

  beforeEach(() => {
    log = Array.from({ length: 95 }, (_, index) => ({ ...sent('text'), roomId, seq: index + 1 }))
    reads = []
    read = async (after, limit) => log.slice(after, after + limit)
  })

  const pagesIn = (cache = cacheOf(1_000_000)) =>
    createLogPages({
      roomId,
      pageSize: 10,
      retryAfter: 20,
      cache,
      onRead: () => {},
      redact: (events) => events,
      log: {
        read(_, after, limit) {
          reads.push(after)
          return read(after, limit)
        },
      },
    })
  const seqsOf = (events: RoomEvent[]) => events.map(({ seq }) => seq)

  it('give what follows a position up to the end of its page', async () => {
    const pages = pagesIn()
    expect(seqsOf(await pages.after(0, 95))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(seqsOf(await pages.after(17, 95))).toEqual([18, 19, 20])
    expect(seqsOf(await pages.after(19, 95))).toEqual([20])
    expect(seqsOf(await pages.after(92, 95))).toEqual([93, 94, 95])
    expect(reads).toEqual([0, 10, 90])
  })

  it('fail where the log has nothing although it should, once a second read has found nothing either', async () => {
    const pages = pagesIn()
    const failed = await Promise.allSettled([pages.after(95, 96), pages.after(95, 96), pages.after(95, 96)])
    expect(failed.map((each) => each.status === 'rejected' && String(each.reason))).toEqual(
      Array(3).fill(expect.stringContaining('went back')),
    )
    expect(reads).toEqual([90, 90])
    log.push({ ...sent('text'), roomId, seq: 96 })
    expect(seqsOf(await pages.after(95, 97))).toEqual([96])
  })

  it('take one empty read for a store that is behind', async () => {
    const pages = pagesIn()
    const whole = read
    read = async () => {
      read = whole
      return []
    }
    const [one, two] = await Promise.all([pages.after(92, 95), pages.after(93, 95)])
    expect([seqsOf(one), seqsOf(two)]).toEqual([
      [93, 94, 95],
      [94, 95],
    ])
    expect(reads).toEqual([90, 90])
  })

  it('do not keep a failure', async () => {
    const pages = pagesIn()
    read = async () => {
      throw new Error('Not now')
    }
    const failed = await Promise.allSettled([pages.after(3, 95), pages.after(4, 95)])
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(reads).toEqual([0])
    read = async (after, limit) => log.slice(after, after + limit)
    expect(seqsOf(await pages.after(8, 95))).toEqual([9, 10])
  })

  it('keep as many bytes as they may', async () => {
    const page = 10 * bytesOf(log[0] as RoomEvent)
    const cache = cacheOf(Math.floor(3.5 * page))
    const pages = pagesIn(cache)
    for (const position of [0, 10, 20, 30, 40]) await pages.after(position, 95)
    await until('they are accounted for', () => cache.size === 3)
    expect(cache.calculatedSize).toBeLessThanOrEqual(3.5 * page)
    reads = []
    for (const position of [40, 30, 20, 10]) await pages.after(position, 95)
    expect(reads).toEqual([10])
  })

  it('are shared on their way though they are too large to be kept', async () => {
    const pages = pagesIn(cacheOf(100))
    await Promise.all([pages.after(0, 95), pages.after(5, 95)])
    expect(reads).toEqual([0])
    await pages.after(0, 95)
    expect(reads).toEqual([0, 0])
  })

  it('are kept for a moment only', async () => {
    const pages = pagesIn(cacheOf(1_000_000, 1))
    await pages.after(0, 95)
    await until('the page is read again', async () => {
      await pages.after(0, 95)
      return reads.length > 1
    })
  })

  it('of one room are no other’s', async () => {
    const cache = cacheOf(1_000_000)
    await Promise.all([pagesIn(cache).after(0, 95), pagesIn(cache).after(0, 95)])
    expect(reads).toEqual([0, 0])
  })
})
