import type { Metrics } from '../../platform/metrics/metrics.ts'
import type { StreamLimit } from '../subscriptions/budgets/distinct-streams.ts'
import type { OperationCost } from './cost/measure-operation.ts'
import type { OperationLimit } from './over-limit.ts'

/** The bounds that a client can run into. */
export type Limit =
  | OperationLimit
  | 'operation'
  | 'points_per_minute'
  | 'body_bytes'
  | 'connections_per_address'
  | 'connections'
  | 'pipelined_requests'
  | 'unread_answer_bytes'
  | 'sockets_per_user'
  | 'sockets_per_address'
  | 'pending_sockets_per_address'
  | 'pending_sockets'
  | 'subscriptions_per_socket'
  | 'frames_per_second'
  | 'frame_bytes_per_second'
  | 'frame_bytes'
  | 'backlog_bytes'
  | 'backlog_total_bytes'
  | 'openings'
  | 'replays'
  | 'event_bytes'
  | StreamLimit

/** Notes that a client was turned away at a bound. */
export type CountLimit = (limit: Limit) => void

export function createLimitCount(metrics: Metrics): CountLimit {
  const count = metrics.counter('parley_limits_reached_total', 'Times that a client was turned away, by bound', [
    'limit',
  ])
  return (limit) => count.add({ limit })
}

/** Notes what the operations cost that are within the limits. */
export function createCostMetric(metrics: Metrics): (cost: OperationCost) => void {
  const points = metrics.histogram(
    'parley_operation_cost_points',
    'What operations cost, before they run',
    [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000],
  )
  return (cost) => points.observe(cost.points)
}
