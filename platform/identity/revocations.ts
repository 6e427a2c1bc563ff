import type { Broadcast } from '../events/broadcast.ts'
import type { ExpiringSet } from '../expiry/expiring-set.ts'

const channel = 'sessions.revoked'

/** Which sessions were ended before their access tokens ran out. */
export interface Revocations {
  /** Ends a session everywhere, at once. Harmless when repeated. */
  revoke(sessionIds: string[]): Promise<void>
  /** The ids among these that were revoked. */
  revoked(sessionIds: string[]): Promise<Set<string>>
  /** Calls the listener soon after a revocation, at most once each; announcements can get lost, so check `revoked` too. */
  onRevoked(listener: (sessionIds: string[]) => void): Promise<() => Promise<void>>
}

/** `lifetime`: how long an access token can be accepted after it was issued, in seconds. */
export function createRevocations(blacklist: ExpiringSet, broadcast: Broadcast, lifetime: number): Revocations {
  return {
    async revoke(sessionIds) {
      await Promise.all(sessionIds.map((id) => blacklist.add(id, lifetime)))
      await broadcast.publish(channel, JSON.stringify(sessionIds))
    },
    revoked: (sessionIds) => blacklist.present(sessionIds),
    onRevoked: (listener) => broadcast.subscribe(channel, (payload) => listener(JSON.parse(payload))),
  }
}
