export type Pace = 'normal' | 'slow'

const paces = { normal: { first: 250, most: 5_000 }, slow: { first: 5_000, most: 30_000 } }

/** Milliseconds to wait before try number `attempt` (from 0): doubling, capped, and spread so that clients do not return in step. */
export function backoff(attempt: number, pace: Pace = 'normal', random = Math.random): number {
  const { first, most } = paces[pace]
  const ceiling = Math.min(most, first * 2 ** attempt)
  return ceiling * (0.5 + random() / 2)
}
