import type { Metrics } from './metrics.ts'

export interface Bounded {
  help: string
  /** How much is in it now. */
  read(): number
  /** The most that may be in it. */
  limit: number
}

/** A queue or a buffer as an operator watches it: a gauge of what is in it, and beside it `<name>_limit`. */
export function measureBound(metrics: Metrics, name: string, { help, read, limit }: Bounded): void {
  metrics.gauge(name, help, read)
  metrics.gauge(`${name}_limit`, `The most that ${name} may be`, () => limit)
}
