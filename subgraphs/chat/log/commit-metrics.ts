import { measureBound } from '../../../platform/metrics/measure-bound.ts'
import type { Metrics } from '../../../platform/metrics/metrics.ts'

export type CountCommits = (what: 'batches' | 'refused') => void

/** Counts what becomes of commands, and shows how many wait. Without metrics it does nothing. */
export function createCommitCounts(
  metrics: Metrics | undefined,
  { waiting, limit }: { waiting(): number; limit: number },
): CountCommits {
  if (!metrics) return () => {}
  measureBound(metrics, 'parley_commits_waiting', {
    help: 'Commands that wait for the append before theirs, of all rooms; the limit is that of one',
    read: waiting,
    limit,
  })
  const counters = {
    batches: metrics.counter('parley_commit_batches_total', 'Batches of commands that were brought to a log', []),
    refused: metrics.counter('parley_commits_refused_total', 'Commands that were refused, because too many waited', []),
  }
  return (what) => counters[what].add({})
}
