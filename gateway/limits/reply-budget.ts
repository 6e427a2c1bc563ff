import { responseTooLarge } from '../../platform/errors/app-error.ts'

/**
 * The bytes that all replies of subgraphs to one operation may have together, or to one event of a subscription: what the client is given is
 * made of them.
 */
export interface ReplyBudget {
  /** Counts bytes that came. Throws `BAD_USER_INPUT` once they are too many. */
  take(bytes: number): void
  left(): number
  /** What was counted. */
  taken(): number
}

export function createReplyBudget(maxBytes: number): ReplyBudget {
  let bytes = 0
  return {
    take(more) {
      bytes += more
      if (bytes > maxBytes) throw responseTooLarge(bytes, maxBytes)
    },
    left: () => Math.max(1, maxBytes - bytes),
    taken: () => bytes,
  }
}
