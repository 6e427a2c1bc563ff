import { measureBound } from '../../../platform/metrics/measure-bound.ts'
import type { Metrics } from '../../../platform/metrics/metrics.ts'
import type { FeedLimits } from './feed-limits.ts'

export type CountFeeds = (what: 'repairs' | 'repeats' | 'comparisons' | 'pages' | 'over') => void

/** Counts what the feeds of a node do. Without metrics it does nothing. */
export function createFeedCounts(metrics: Metrics | undefined): CountFeeds {
  if (!metrics) return () => {}
  const counter = (what: string, help: string) => metrics.counter(`parley_feed_${what}_total`, help, [])
  const counters = {
    repairs: counter('repairs', 'Times that a feed read from the log what its broadcast did not bring'),
    repeats: counter('repeats', 'Events that came again and were dropped'),
    comparisons: counter('comparisons', 'Questions for the heads of all rooms with a feed'),
    over: counter('over', 'Feeds that ended because the log of their room went back to an earlier state'),
    pages: counter('pages', 'Pages read from the log for listeners that were behind'),
  }
  return (what) => counters[what].add({})
}

/** What a feed holds. */
export interface FeedSize {
  ringEvents: number
  ringBytes: number
  ahead: number
}

export interface MeasuredFeeds {
  feeds(): FeedSize[]
  listeners(): number
  pageBytes(): number
}

/** Shows what the feeds of a node hold. The limits of events are each room's own; the sums are over all rooms. */
export function measureFeeds(metrics: Metrics, { feeds, listeners, pageBytes }: MeasuredFeeds, limits: FeedLimits) {
  const sumOf = (what: keyof FeedSize) => () => feeds().reduce((sum, feed) => sum + feed[what], 0)
  metrics.gauge('parley_feeds', 'Rooms with a feed on this node', () => feeds().length)
  metrics.gauge('parley_feed_listeners', 'Positions that follow a room on this node', listeners)
  measureBound(metrics, 'parley_feed_ring_events', {
    help: 'Events in the rings of all rooms; the limit is that of one',
    read: sumOf('ringEvents'),
    limit: limits.maxEvents,
  })
  measureBound(metrics, 'parley_feed_ring_bytes', {
    help: 'About the bytes in the rings of all rooms',
    read: sumOf('ringBytes'),
    limit: limits.maxTotalBytes,
  })
  measureBound(metrics, 'parley_feed_ahead_events', {
    help: 'Events of all rooms that wait for those before them; the limit is that of one',
    read: sumOf('ahead'),
    limit: limits.maxAhead,
  })
  measureBound(metrics, 'parley_feed_page_bytes', {
    help: 'About the bytes of pages of the log that are kept for those who come next',
    read: pageBytes,
    limit: limits.maxPageBytes,
  })
}
