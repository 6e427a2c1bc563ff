import { errorAdvice } from '../platform/errors/app-error.ts'
import { closeAdvice, closeCodes, type NextStep } from '../schema/close-codes.ts'

/** A GraphQL error as it comes over the wire. */
export interface GraphQLErrorLike {
  readonly message: string
  readonly extensions?: { readonly [key: string]: unknown }
}

/** Why a subscription, or the socket under it, is no more. */
export type Loss =
  /** The socket closed. 1006 when it was lost without a word; 4401 also when `token` said that there is no session. */
  | { kind: 'closed'; code: number; reason: string }
  /** The server ended the subscription with errors. */
  | { kind: 'refused'; errors: readonly GraphQLErrorLike[] }
  /** The server ended the subscription without a word: a membership that ended, or a server that goes away. */
  | { kind: 'completed' }
  /** An event came that does not tell where in the log it stands: nothing could be resumed after it. */
  | { kind: 'unreadable'; problem: string }
  /** `token` failed, so no socket was opened. */
  | { kind: 'no-token'; error: unknown }

export const closed = (code: number, reason: string): Loss => ({ kind: 'closed', code, reason })

/** The code of a socket that was lost without a word. */
export const lostWithoutAWord = 1006

/** What to do after the loss, by the server's own advice. */
export function afterLoss(loss: Loss): NextStep {
  switch (loss.kind) {
    case 'closed':
      return afterClose(loss.code)
    case 'refused':
      return afterError(codeOf(loss.errors))
    case 'unreadable':
      return 'give-up'
    // Subscribing again tells whether it was the membership.
    case 'completed':
    case 'no-token':
      return 'resume'
  }
}

/** What to do after an error with this `extensions.code`. A code that this client does not know may pass. */
export function afterError(code: unknown): NextStep {
  const known = Object.entries(errorAdvice).find(([name]) => name === code)
  return known?.[1].next ?? 'resume-later'
}

/** Closed normally, going away, without a code, lost: what proxies and networks do. */
const passing = [1000, 1001, 1005, lostWithoutAWord]

function afterClose(code: number): NextStep {
  const known = Object.entries(closeCodes).find(([, each]) => each === code)?.[0]
  if (known) return closeAdvice[known as keyof typeof closeCodes].next
  return passing.includes(code) ? 'resume' : 'resume-later'
}

const longestRetryAfter = 300

/** Milliseconds that the server asks to wait at least; 0 when it does not. */
export function askedToWait(loss: Loss): number {
  const seconds = loss.kind === 'refused' ? loss.errors[0]?.extensions?.retryAfter : undefined
  return typeof seconds === 'number' && seconds > 0 ? Math.min(seconds, longestRetryAfter) * 1_000 : 0
}

const codeOf = (errors: readonly GraphQLErrorLike[]) => errors[0]?.extensions?.code
