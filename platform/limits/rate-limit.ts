/**
 * Counts calls by key in windows of time, the same for every process.
 *
 * - `take` is atomic: of `n` concurrent calls no more than the limit allows are let through.
 * - A window opens with the first call and closes by itself. Refused calls do not make it longer.
 */
export interface RateLimit {
  /** Counts one call, or several at once. Gives 0 when they are allowed, or the seconds (1 or more) until the window closes. */
  take(key: string, rule: RateRule, calls?: number): Promise<number>
  /** Forgets a key. */
  reset(key: string): Promise<void>
  close(): Promise<void>
}

/** At most `limit` calls in `seconds`. */
export interface RateRule {
  limit: number
  seconds: number
}
