import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** Accounts for the requests of this process that others refuse. */
export interface RefusalReport {
  /** A replica of `peer` refused a request. `reason` is what it said, or what is known. */
  refused(peer: string, url: string, reason: string): void
  /** It took one. */
  accepted(url: string): void
}

export interface RefusalReportOptions {
  /** What this process is called. */
  name: string
  logger: Logger
  metrics?: Metrics
}

const hints: Record<string, string> = {
  key: 'it does not know the first of the PASSPORT_KEYS here: is a key being rotated in the wrong order?',
  clock: 'the two clocks are too far apart: synchronise them',
  audience: 'another process answers at this address',
}

/** Counts each refusal in `parley_refused_by_peers_total`, and logs the first of each replica and reason. */
export function createRefusalReport({ name, logger, metrics }: RefusalReportOptions): RefusalReport {
  const refusing = new Map<string, string>()
  const count = metrics?.counter(
    'parley_refused_by_peers_total',
    'Requests of this process that another one refused, by reason',
    ['peer', 'reason'],
  )
  return {
    refused(peer, url, reason) {
      count?.add({ peer, reason })
      if (refusing.get(url) === reason) return
      refusing.set(url, reason)
      const why = hints[reason] ? `: ${hints[reason]}` : ''
      logger.error({ peer, url, reason }, `${peer} refuses the requests of ${name} (${reason})${why}`)
    },
    accepted(url) {
      if (refusing.delete(url)) logger.info({ url }, `${url} takes the requests of ${name} again`)
    },
  }
}
