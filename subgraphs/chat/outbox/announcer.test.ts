import { describe, expect, it } from '@jest/globals'
import type { Broadcast } from '../../../platform/events/broadcast.ts'
import { createLogger } from '../../../platform/logging/logger.ts'
import { createMetrics } from '../../../platform/metrics/metrics.ts'
import type { RoomEvent } from '../domain/room-event.ts'
import { sent } from '../testing/drafts.ts'
import { metricValues } from '../testing/metric-values.ts'
import { createAnnouncer } from './announcer.ts'

const events = (...seqs: number[]): RoomEvent[] => seqs.map((seq) => ({ ...sent(`text ${seq}`), roomId: 'a', seq }))

describe('announcer', () => {
  const announcing = (publish: Broadcast['publish'], maxWaiting = 10) => {
    const metrics = createMetrics('chat')
    const broadcast = { publish } as Broadcast
    return { metrics, ...createAnnouncer({ broadcast, logger: createLogger('chat', 'silent'), metrics, maxWaiting }) }
  }

  it('brings whole events to the channel of their room', async () => {
    const heard: [string, unknown][] = []
    const { announce, close } = announcing(async (channel, payload) => void heard.push([channel, JSON.parse(payload)]))
    const [one, two] = [events(1), events(2, 3)]
    announce(one)
    announce(two)
    await close()
    expect(heard).toEqual([
      ['room:a', one],
      ['room:a', two],
    ])
  })

  it('leaves to the fan-out what does not fit in, and what the broadcast does not take, and goes on', async () => {
    const { promise: held, reject } = Promise.withResolvers<void>()
    const { announce, close, metrics } = announcing(() => held, 3)
    announce(events(1, 2))
    announce(events(3, 4))
    announce(events(5))
    expect(await metricValues(metrics)).toMatchObject({ announcing_events: 3, announcements_left_total: 2 })
    reject(new Error('Away'))
    await close()
    expect(await metricValues(metrics)).toMatchObject({ announcing_events: 0, announcements_left_total: 5 })
  })
})
