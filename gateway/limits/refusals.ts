import { AppError } from '../../platform/errors/app-error.ts'

const variants = 'subscriptions that follow the same and select differently'

/** What the bounds allow so many of that are not bounds of one operation, in the words of every refusal. */
const subjects = {
  points_per_minute: 'points in a minute',
  body_bytes: 'bytes in a body',
  sockets_per_user: 'WebSockets of a user',
  sockets_per_address: 'WebSockets of an address',
  pending_sockets_per_address: 'WebSockets of an address on which nobody has signed in',
  pending_sockets: 'WebSockets on which nobody has signed in',
  subscriptions_per_socket: 'operations at a time on a WebSocket',
  frames_per_second: 'frames at once',
  frame_bytes_per_second: 'bytes at once',
  streams_per_user: 'different subscriptions',
  streams_per_address: 'different subscriptions of an address',
  stream_variants_per_user: variants,
  stream_variants_per_address: `${variants}, of an address`,
  unshared_streams_per_user: 'subscriptions that follow the same and cannot be shared',
} as const

/** A bound whose refusals are told in these words. */
export type ToldLimit = keyof typeof subjects

/** What every refusal at a bound tells: which bound, how much was asked for, and how much is allowed. */
export interface LimitRefusal {
  message: string
  limit: ToldLimit
  asked: number
  allowed: number
}

/** A bound that refills: what is asked may be far below it, because others took the rest. */
const budgets: ReadonlySet<ToldLimit> = new Set(['points_per_minute'])

export const limitRefusal = (limit: ToldLimit, asked: number, allowed: number): LimitRefusal => ({
  message: `${limit}: at most ${allowed} ${subjects[limit]}${budgets.has(limit) ? `; this asks ${asked}, and fewer are left` : `, not ${asked}`}`,
  limit,
  asked,
  allowed,
})

/** The error for who asks too much at once, or too much at a time. `advice` says what helps besides waiting. */
export function tooMany(refusal: LimitRefusal, retryAfter = 1, advice = `Try again in ${retryAfter} s.`): AppError {
  const { message, ...details } = refusal
  return new AppError('TOO_MANY_REQUESTS', `${message}. ${advice}`, { retryAfter, ...details })
}
