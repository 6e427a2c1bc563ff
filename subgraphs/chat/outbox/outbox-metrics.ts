import { measureBound } from '../../../platform/metrics/measure-bound.ts'
import type { Metrics } from '../../../platform/metrics/metrics.ts'

export type CountPublished = (what: 'published' | 'left', events: number) => void

/** Counts what becomes of committed events, and shows how many wait to be published. Without metrics it does nothing. */
export function createPublisherCounts(
  metrics: Metrics | undefined,
  { waiting, limit }: { waiting(): number; limit: number },
): CountPublished {
  if (!metrics) return () => {}
  measureBound(metrics, 'parley_outbox_waiting_events', {
    help: 'Events that were committed here and wait to be published',
    read: waiting,
    limit,
  })
  const counters = {
    published: metrics.counter('parley_outbox_published_events_total', 'Events that were published', []),
    left: metrics.counter('parley_outbox_left_events_total', 'Events that were left to the relay', []),
  }
  return (what, events) => counters[what].add({}, events)
}

/** Shows what the relay found unpublished, of all processes. */
export function measureRelay(metrics: Metrics, found: () => number): void {
  const help = 'Overdue events that the relay found when it last looked; at most a batch while they cannot be published'
  metrics.gauge('parley_relay_found_events', help, found)
}

export type CountAnnounced = (what: 'announced' | 'left', events: number) => void

/** Counts what becomes of announcements, and shows how many are on their way. Without metrics it does nothing. */
export function createAnnouncerCounts(
  metrics: Metrics | undefined,
  { waiting, limit }: { waiting(): number; limit: number },
): CountAnnounced {
  if (!metrics) return () => {}
  measureBound(metrics, 'parley_announcing_events', {
    help: 'Committed events that are on their way to the nodes that listen',
    read: waiting,
    limit,
  })
  const counters = {
    announced: metrics.counter('parley_announced_events_total', 'Events that were sent to the nodes that listen', []),
    left: metrics.counter('parley_announcements_left_total', 'Events whose announcement was left to the fan-out', []),
  }
  return (what, events) => counters[what].add({}, events)
}
