import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** Accounts for the requests of this process that others refuse. */
export interface RefusalReport {
  /** A replica of `peer` refused a request. `reason` is what it said, or what is known. */
  refused(peer: string, url: string, reason: string): void
  /** It took one. An address may take the requests for one peer and refuse those for another. */
  accepted(peer: string, url: string): void
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
  audience: 'another process answers at this address: do SUBGRAPHS and AUTH_URLS name the right ones?',
  late: 'it did not run for a while; they are made again',
}

/** What a peer may say; anything else is one word, so that no answer makes series without end. */
const reasons = [
  'missing',
  'malformed',
  'key',
  'audience',
  'clock',
  'late',
  'body',
  'TOKEN_ISSUER differs',
  'TOKEN_AUDIENCE differs',
]

/** Counts each refusal in `parley_refused_by_peers_total`, and logs the first of each replica and reason. */
export function createRefusalReport({ name, logger, metrics }: RefusalReportOptions): RefusalReport {
  const refusing = new Map<string, string>()
  const count = metrics?.counter(
    'parley_refused_by_peers_total',
    'Requests of this process that another one refused, by reason',
    ['peer', 'reason'],
  )
  return {
    refused(peer, url, said) {
      const reason = reasons.includes(said) ? said : 'other'
      count?.add({ peer, reason })
      const place = placeOf(peer, url)
      if (refusing.get(place) === reason) return
      refusing.set(place, reason)
      const why = hints[reason] ? `: ${hints[reason]}` : ''
      const level = reason === 'late' ? 'info' : 'error'
      logger[level](
        { peer, url, reason },
        `${peer} refuses the requests of ${name} (${reason}) at ${originOf(url)}${why}`,
      )
    },
    accepted(peer, url) {
      if (refusing.delete(placeOf(peer, url)))
        logger.info({ peer, url }, `${peer} at ${originOf(url)} takes the requests of ${name} again`)
    },
  }
}

const originOf = (url: string) => new URL(url).origin
const placeOf = (peer: string, url: string) => `${peer} at ${originOf(url)}`
