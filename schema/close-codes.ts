/** Why a client's WebSocket is closed: the one place that says so, for the gateway, for clients, and for the table of `docs/clients.md`. */
export const closeCodes = {
  frameTooLarge: 1009,
  goingAway: 1012,
  tryAgainLater: 1013,
  tooSlow: 4290,
  badFrame: 4400,
  signedOut: 4401,
  tokenNeeded: 4403,
  noSubprotocol: 4406,
  noInitInTime: 4408,
  idInUse: 4409,
  tooMany: 4429,
  failed: 4500,
} as const

export type Closing = keyof typeof closeCodes

/** What a client does next; for machines, where `advice` is for people. */
export type NextStep =
  /** Connect again after a short delay, and resume with the last cursor. */
  | 'resume'
  /** The same, after a longer one. */
  | 'resume-later'
  /** Get another access token, then resume. */
  | 'new-token'
  /** Nobody is signed in any more: ask for the password. */
  | 'sign-in'
  /** It would come to the same again. */
  | 'give-up'

/** What each means, and what a client does then. The codes that graphql-ws itself gives are among them. */
export const closeAdvice: Record<Closing, { meaning: string; advice: string; next: NextStep }> = {
  frameTooLarge: { meaning: 'a frame was over 64 kB', advice: 'mend the client', next: 'give-up' },
  goingAway: {
    meaning: 'the node is going away',
    advice: 'reconnect soon, and resume with the last cursor',
    next: 'resume',
  },
  tryAgainLater: {
    meaning: 'signing in is not possible right now',
    advice: 'reconnect later',
    next: 'resume-later',
  },
  tooSlow: {
    meaning: 'the socket read too slowly',
    advice: 'reconnect, and resume with the last cursor',
    next: 'resume',
  },
  badFrame: { meaning: 'a frame was no message of the protocol', advice: 'mend the client', next: 'give-up' },
  signedOut: {
    meaning: 'signed out, banned or revoked; or subscribed before connection_ack',
    advice: 'do not reconnect: sign in',
    next: 'sign-in',
  },
  tokenNeeded: {
    meaning: 'the token is missing, bad or expired',
    advice: 'get a new one, and reconnect',
    next: 'new-token',
  },
  noSubprotocol: {
    meaning: 'the subprotocol is not graphql-transport-ws',
    advice: 'mend the client',
    next: 'give-up',
  },
  noInitInTime: {
    meaning: 'no connection_init came in time',
    advice: 'mend the client, or its network',
    next: 'resume-later',
  },
  idInUse: {
    meaning: 'an operation under this id has not ended',
    advice: 'mend the client: complete an operation before its id is used again',
    next: 'give-up',
  },
  tooMany: {
    meaning: 'too many sockets or frames, no points left, or a second connection_init',
    advice: 'reconnect later, with less',
    next: 'resume-later',
  },
  failed: { meaning: 'something went wrong', advice: 'reconnect later, and report it', next: 'resume-later' },
}
