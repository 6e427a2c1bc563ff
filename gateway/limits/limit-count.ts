import type { Metrics } from '../../platform/metrics/metrics.ts'

/** The bounds that a client can run into. */
export type Limit =
  | 'operation'
  | 'operations_per_minute'
  | 'sockets_per_user'
  | 'subscriptions_per_socket'
  | 'frames_per_second'
  | 'frame_bytes'
  | 'backlog_bytes'
  | 'openings'

/** Notes that a client was turned away at a bound. */
export type CountLimit = (limit: Limit) => void

export function createLimitCount(metrics: Metrics): CountLimit {
  const count = metrics.counter('parley_limits_reached_total', 'Times that a client was turned away, by bound', [
    'limit',
  ])
  return (limit) => count.add({ limit })
}
