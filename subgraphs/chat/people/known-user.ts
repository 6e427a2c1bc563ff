import { setTimeout as pause } from 'node:timers/promises'
import { notFound, unavailable } from '../../../platform/errors/app-error.ts'
import type { ChatStore } from '../store/chat-store.ts'

/** How long the event of a new account may be on its way when the event log is away, in milliseconds. */
const latestArrival = 86_400_000
/** How far the clock that made the id may be off, in milliseconds. */
const clockSkew = 30_000
/** When to look again for an account that is new: its event is probably about to come. */
const looks = [50, 100, 200, 400, 800]

/** Waits a moment for an account that may be new. Never throws for somebody who does not come. */
export async function awaitNewUser(store: ChatStore, userId: string): Promise<void> {
  for (const wait of isNew(userId, 10_000) ? looks : []) {
    if (await store.people.isKnown(userId)) return
    await pause(wait)
  }
}

/**
 * Throws when chat does not know the user: `NOT_FOUND`, or `UNAVAILABLE` for an id that an account of today would have. The event of
 * that account may still be on its way.
 */
export async function mustBeKnown(store: ChatStore, userId: string): Promise<void> {
  if (await store.people.isKnown(userId)) return
  if (isNew(userId, latestArrival)) throw unavailable('Nobody is known here by this id yet. Try again.')
  throw notFound('The user')
}

/** Whether an account with this id may be younger than that: a UUIDv7 starts with the milliseconds since 1970. */
function isNew(userId: string, than: number): boolean {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(userId) ?? []
  const age = Date.now() - Number.parseInt(`${high}${low}`, 16)
  return age > -clockSkew && age < than + clockSkew
}
