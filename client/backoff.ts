import type { NextStep } from '../schema/close-codes.ts'

export type Pace = 'soon' | 'later'

/** In milliseconds; `least` is the share of a delay that chance does not touch. */
const paces = { soon: { first: 1_000, most: 10_000, least: 0.1 }, later: { first: 5_000, most: 30_000, least: 0.5 } }

/** Milliseconds to wait before try number `attempt` (from 0): doubling, capped, and spread so that clients do not return in step. */
export function backoff(attempt: number, pace: Pace = 'soon', random: () => number = Math.random): number {
  const { first, most, least } = paces[pace]
  return Math.min(most, first * 2 ** attempt) * (least + (1 - least) * random())
}

/** When a new token is refused as well, hurry does not help. */
export const paceAfter = (next: NextStep, attempt: number): Pace =>
  next === 'resume' || (next === 'new-token' && attempt === 0) ? 'soon' : 'later'
