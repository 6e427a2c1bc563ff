import { v4 } from 'uuid'

/*
 * Browsers keep part of their interface for secure contexts: HTTPS, and HTTP of this machine. The page has to work on any other
 * address as well (a LAN address over HTTP), so what is used of that part is used here, each with what takes its place.
 * `tests/architecture/browser-rules.ts` holds this.
 */

/** A random id (UUID v4). `uuid` makes it of `crypto.getRandomValues`, which is there in every context. */
export const newId = (): string => v4()

/** Locks that the tabs of this browser share. Undefined outside of secure contexts, where `session/lease.ts` takes their place. */
export const sharedLocks = (): LockManager | undefined => navigator.locks
