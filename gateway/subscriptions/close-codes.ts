/** Why the server closes a socket, beside graphql-ws's own codes. Each tells the client whether to come back. */
export const closeCodes = {
  /** Reconnect: the node is going away. */
  goingAway: 1012,
  /** Reconnect later. */
  tryAgainLater: 1013,
  /** Reconnect and resume with the last cursor: the socket read too slowly. */
  tooSlow: 4290,
  /** Do not reconnect: signed out, banned or revoked. */
  signedOut: 4401,
  /** Get a new access token, then reconnect. */
  tokenNeeded: 4403,
  /** Reconnect later, with less. */
  tooMany: 4429,
} as const
