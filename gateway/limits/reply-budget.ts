import { responseTooLarge } from '../../platform/errors/app-error.ts'

/** The bytes that all replies of subgraphs to one operation may have together: its response is made of them. */
export interface ReplyBudget {
  /** Counts bytes that came. Throws `BAD_USER_INPUT` once they are too many. */
  take(bytes: number): void
  left(): number
}

export function createReplyBudget(maxBytes: number): ReplyBudget {
  let bytes = 0
  return {
    take(more) {
      bytes += more
      if (bytes > maxBytes) throw responseTooLarge(bytes, maxBytes)
    },
    left: () => Math.max(1, maxBytes - bytes),
  }
}
