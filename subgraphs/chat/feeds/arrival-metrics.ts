import { measureBound } from '../../../platform/metrics/measure-bound.ts'
import type { Metrics } from '../../../platform/metrics/metrics.ts'

export type CountArrivals = (what: 'lookups' | 'refused') => void

/** Counts how those who want to follow rooms are looked up, and shows how many wait. Without metrics it does nothing. */
export function createArrivalCounts(
  metrics: Metrics | undefined,
  { waiting, limit }: { waiting(): number; limit: number },
): CountArrivals {
  if (!metrics) return () => {}
  measureBound(metrics, 'parley_arrivals_waiting', {
    help: 'Those who want to follow a room and wait for their lookup, of all rooms; the limit is that of one',
    read: waiting,
    limit,
  })
  const counters = {
    lookups: metrics.counter(
      'parley_arrival_lookups_total',
      'Lookups of those who came to follow a room, together',
      [],
    ),
    refused: metrics.counter(
      'parley_arrivals_refused_total',
      'Those who were told to try again, because too many waited',
      [],
    ),
  }
  return (what) => counters[what].add({})
}
