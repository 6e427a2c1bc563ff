import type { Broadcast } from '../events/broadcast.ts'
import type { ExpiringSet } from '../expiry/expiring-set.ts'
import type { Logger } from '../logging/logger.ts'
import { whole } from './revocation-check.ts'

const channel = 'sessions.revoked'
const wholeFor = 86_400
/** How often the blacklist is filled anew, in milliseconds: what its server has lost comes back by that. */
const refillEvery = 60_000

/** How many sessions are added at a time: far fewer than the commands that may wait for Redis. */
const batch = 500

/** Ends sessions before their access tokens run out. */
export interface Revocations {
  /** Ends sessions everywhere, at once. Harmless when repeated. Throws `UNAVAILABLE` when the blacklist cannot be reached. */
  revoke(sessionIds: string[]): Promise<void>
  /**
   * Fills the blacklist with all that is remembered, and vouches that it is whole: once a minute, and when it is asked next after a
   * revocation that could not be added. Gives whether that is still owed.
   */
  keepWhole(): Promise<boolean>
}

export interface RevocationsOptions {
  blacklist: ExpiringSet
  broadcast: Broadcast
  /** How long an access token can be accepted after it was issued, in seconds. */
  lifetime: number
  /** All sessions revoked within that time. */
  remembered(): Promise<Iterable<string>>
  logger: Logger
  now?(): number
}

export function createRevocations(options: RevocationsOptions): Revocations {
  const { blacklist, broadcast, lifetime, remembered, logger, now = () => performance.now() } = options
  let filledAt = Number.NEGATIVE_INFINITY
  let isOwed = true

  const add = async (sessionIds: string[]) => {
    for (const some of batchesOf(sessionIds)) await Promise.all(some.map((id) => blacklist.add(id, lifetime)))
  }
  const announce = async (sessionIds: string[]) => {
    try {
      for (const some of batchesOf(sessionIds)) await broadcast.publish(channel, JSON.stringify(some))
    } catch (error) {
      logger.warn({ err: error }, 'a revocation could not be announced; open sockets are checked soon')
    }
  }
  return {
    async revoke(sessionIds) {
      try {
        await add(sessionIds)
      } catch (error) {
        if (!isOwed)
          logger.warn({ err: error }, 'a session that ends cannot be added to the blacklist; that is tried again')
        isOwed = true
        throw error
      }
      await announce(sessionIds)
    },
    async keepWhole() {
      if (!isOwed && now() < filledAt + refillEvery) return false
      const wasOwed = isOwed
      const wasFilled = filledAt > Number.NEGATIVE_INFINITY
      // Before the reading: what cannot be added from here on is owed again.
      isOwed = false
      try {
        const sessionIds = [...(await remembered())]
        await add(sessionIds)
        await blacklist.add(whole, wholeFor)
        filledAt = now()
        if (wasOwed) await announce(sessionIds)
        if (wasOwed && wasFilled) logger.info('the blacklist is whole again')
      } catch (error) {
        if (!wasOwed) logger.warn({ err: error }, 'the blacklist cannot be filled; that is tried again')
        isOwed = true
      }
      return isOwed
    },
  }
}

const batchesOf = (ids: string[]) =>
  Array.from({ length: Math.ceil(ids.length / batch) }, (_, index) => ids.slice(index * batch, (index + 1) * batch))

/** Calls the listener soon after a revocation, at most once each. Announcements can get lost: check, too. */
export const onRevoked = (broadcast: Pick<Broadcast, 'subscribe'>, listener: (sessionIds: string[]) => void) =>
  broadcast.subscribe(channel, (payload) => listener(JSON.parse(payload)))
