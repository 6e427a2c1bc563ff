import { closeCodes } from '../schema/close-codes.ts'
import { closed, type Loss } from './after-loss.ts'
import { type Clock, inTime } from './clock.ts'

/**
 * Gives an access token, or null when nobody is signed in any more; rejects when none can be had for now, and is asked again.
 * `insteadOf` is a token that runs out or was refused: it wants another one.
 */
export type TokenSource = (insteadOf?: string) => Promise<string | null>

const answerWithin = 15_000

/** A token, or why there is none. */
export async function askForToken(
  source: TokenSource,
  insteadOf: string | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<string | Loss> {
  try {
    const token = await inTime(clock, answerWithin, (async () => source(insteadOf))(), signal)
    return token ?? closed(closeCodes.signedOut, 'Nobody is signed in')
  } catch (error) {
    return { kind: 'no-token', error }
  }
}

const ahead = 30_000
const atLeast = 1_000
/** A day; timers overflow at 25. */
const atMost = 86_400_000

/**
 * Milliseconds until the token should be replaced: half a minute before it runs out, or halfway when it is shorter. Undefined
 * when it does not say when that is. It is read, not verified.
 */
export function renewalDelay(token: string, now: number): number | undefined {
  const { exp, iat } = claimsOf(token)
  if (typeof exp !== 'number' || !Number.isFinite(exp)) return undefined
  const left = exp * 1_000 - now
  const whole = typeof iat === 'number' ? (exp - iat) * 1_000 : left
  // A token that seems to be over, or to last longer than it was made for, tells that this clock is wrong.
  const remaining = left > 0 && left <= whole ? left : whole
  return Math.min(Math.max(remaining - ahead, remaining / 2, atLeast), atMost)
}

function claimsOf(token: string): { exp?: unknown; iat?: unknown } {
  try {
    const claims: unknown = JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')))
    return typeof claims === 'object' && claims !== null ? claims : {}
  } catch {
    return {}
  }
}
