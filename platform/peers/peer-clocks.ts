import { toleratedSkew } from '../identity/passport.ts'
import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** What this process knows of other processes' clocks. */
export interface PeerClocks {
  /** Notes by how many seconds the peer's clock was ahead of this one (negative: behind), measured both ways. */
  measured(peer: string, ahead: number): void
  /** The same from one way: the time that the message took makes `ahead` too small, never too large. */
  seen(peer: string, ahead: number): void
  forget(peer: string): void
}

export interface PeerClocksOptions {
  /** What this process is called. */
  name: string
  logger: Logger
  metrics?: Metrics
  now?(): number
}

/** Differences below this, in seconds, may be the measurement's. */
const noticeable = 2
/** One-way readings are compared over this time, in milliseconds: the least delayed of them counts. */
const readFor = 5_000
/** Processes come and go under new names: one that was not heard of for this long, in milliseconds, is forgotten. */
const keptFor = 180_000
/** The longest unheard of more than these is forgotten before. */
const mostPeers = 200

interface Reading {
  ahead: number
  /** What the log said last. */
  told: number
  best: number
  since: number
  heardAt: number
}

/** Logs each noticeable difference once, and each change of it, and shows all in `parley_clock_skew_seconds`. */
export function createPeerClocks(options: PeerClocksOptions): PeerClocks {
  const { name, logger, metrics, now = () => performance.now() } = options
  const readings = new Map<string, Reading>()
  const of = (peer: string): Reading => {
    const at = now()
    const reading = readings.get(peer) ?? { ahead: 0, told: 0, best: Number.NEGATIVE_INFINITY, since: at, heardAt: at }
    readings.delete(peer)
    readings.set(peer, reading)
    const [oldest] = readings.keys()
    if (readings.size > mostPeers && oldest !== undefined) readings.delete(oldest)
    return reading
  }
  const forgetOld = () => {
    for (const [peer, { heardAt }] of readings) if (now() - heardAt > keptFor) readings.delete(peer)
  }
  const settle = (peer: string, reading: Reading, ahead: number) => {
    reading.ahead = ahead
    if (Math.abs(ahead - reading.told) < noticeable) return
    reading.told = Math.abs(ahead) < noticeable ? 0 : ahead
    tell(logger, name, peer, ahead)
  }
  metrics?.gauges(
    'parley_clock_skew_seconds',
    'By how many seconds the clock of another process is ahead of this one; negative when it is behind',
    'peer',
    () => {
      forgetOld()
      return [...readings].map(([peer, { ahead }]) => [peer, ahead] as [string, number])
    },
  )
  return {
    measured(peer, ahead) {
      const reading = of(peer)
      reading.heardAt = now()
      settle(peer, reading, ahead)
    },
    seen(peer, ahead) {
      const reading = of(peer)
      // What comes after a silence may have waited, here or at its sender: the first of it says nothing alone.
      if (now() - reading.heardAt > readFor) {
        reading.best = ahead
        reading.since = now()
      }
      reading.heardAt = now()
      reading.best = Math.max(reading.best, ahead)
      if (now() - reading.since < readFor) return
      settle(peer, reading, reading.best)
      reading.best = Number.NEGATIVE_INFINITY
      reading.since = now()
    },
    forget: (peer) => void readings.delete(peer),
  }
}

function tell(logger: Logger, name: string, peer: string, ahead: number): void {
  const size = Math.round(Math.abs(ahead) * 10) / 10
  const about = { peer, skewSeconds: Math.round(ahead * 10) / 10 }
  if (size < noticeable) {
    logger.info(about, `the clocks of ${peer} and ${name} agree again`)
    return
  }
  const difference = `the clock of ${peer} is ${size} s ${ahead > 0 ? 'ahead of' : 'behind'} the clock of ${name}`
  if (size <= toleratedSkew) logger.warn(about, `${difference}; up to ${toleratedSkew} s is tolerated`)
  else logger.error(about, `${difference}: they refuse each other beyond ${toleratedSkew} s. Synchronise both clocks`)
}
