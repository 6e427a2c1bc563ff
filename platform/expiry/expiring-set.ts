/**
 * A set whose members leave by themselves, the same for every process.
 *
 * - `add` is visible to every later `present`; adding again never shortens a member's time.
 * - Both throw `UNAVAILABLE` within two seconds while the set cannot be reached; a member may have been added even so.
 * - A member is never forgotten before its time. Nothing outlives the set's server: whoever needs that adds again at start.
 */
export interface ExpiringSet {
  /** `ttl` is in seconds, more than 0. */
  add(member: string, ttl: number): Promise<void>
  /** The members among these that are in the set. */
  present(members: string[]): Promise<Set<string>>
  close(): Promise<void>
}
