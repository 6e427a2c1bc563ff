import type { KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/**
 * Tokens whose signature was found right, with the key that it was checked with. A client brings the same token with every request, and
 * the check of a signature costs more than all else that is done to a token.
 */
export interface VerifiedTokens {
  has(token: string, key: KeyObject): boolean
  add(token: string, key: KeyObject): void
}

/** What an entry takes beside the characters of its token, in bytes. */
const entryBytes = 200

/** Keeps the tokens that were used last, in at most this many bytes. A key that was read anew checks again. */
export function createVerifiedTokens(maxBytes = 4_000_000): VerifiedTokens {
  const tokens = new LRUCache<string, KeyObject>({
    maxSize: maxBytes,
    sizeCalculation: (_, token) => entryBytes + token.length,
  })
  return {
    has: (token, key) => tokens.get(token) === key,
    add: (token, key) => void tokens.set(token, key),
  }
}
