import { hash } from 'node:crypto'
import type { ExecutionResult } from 'graphql'
import { LRUCache } from 'lru-cache'

/**
 * Completes an event once for all to whom it is given within `maxAge` milliseconds: clients that come back together are each given the
 * same history, by upstreams of their own. `operation` is equal for equal operations, whose results do not depend on who asks.
 */
export type CompleteOnce = (
  operation: string,
  event: ExecutionResult,
  complete: () => Promise<Buffer>,
) => Promise<Buffer>

export interface CompletedEventsBounds {
  maxBytes: number
  maxAge: number
}

/** What an entry takes besides its payload, in bytes, about. */
const entryBytes = 500

export function createCompleteOnce({ maxBytes, maxAge }: CompletedEventsBounds): CompleteOnce {
  const kept = new LRUCache<string, Buffer>({
    maxSize: maxBytes,
    ttl: maxAge,
    sizeCalculation: ({ length }) => length + entryBytes,
  })
  const underWay = new Map<string, Promise<Buffer>>()
  return (operation, { data, errors }, complete) => {
    // By what it says, not by its cursor: a message that was deleted since is another event.
    const key = hash('sha256', JSON.stringify([operation, data, errors]), 'base64')
    const known = kept.get(key)
    if (known) return Promise.resolve(known)
    const completing =
      underWay.get(key) ??
      complete()
        .then((payload) => {
          kept.set(key, payload)
          return payload
        })
        .finally(() => underWay.delete(key))
    underWay.set(key, completing)
    return completing
  }
}
