/**
 * Counts calls by key in windows of time, the same for every process.
 *
 * - `take` is atomic: of `n` concurrent calls no more than the limit allows are let through.
 * - A window opens with the first call and closes by itself. Refused calls do not make it longer, and are not counted.
 * - It answers always, within two seconds: a process that cannot reach what the others count by counts by itself meanwhile, from
 *   nothing. So during an outage each process lets through what the limit says, and a reset may be unknown to the others after it.
 */
export interface RateLimit {
  /**
   * Counts one call, or several at once. Gives 0 when they are allowed, or the seconds (1 or more) until the window closes. A negative
   * number gives calls back that were allowed.
   */
  take(key: string, rule: RateRule, calls?: number): Promise<number>
  /** Forgets a key, by whichever rules it was counted. */
  reset(key: string): Promise<void>
  close(): Promise<void>
}

/** At most `limit` calls in `seconds`. */
export interface RateRule {
  limit: number
  seconds: number
}
