import { createRequire } from 'node:module'

/** The parts of kafkajs's request queue that are used here; the package declares no types for it. */
export interface RequestQueue {
  pending: unknown[]
  throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
}

const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }

/** How soon requests that wait are looked at again when it is not known how long they have to, in milliseconds. */
const shortest = 10

/**
 * Keeps kafkajs 2.2.4 from looking for waiting requests when there are none. As published, each answer schedules such a look, for
 * a time that has passed when nothing is throttled: Node makes a millisecond of that and warns (`TimeoutNegativeWarning`), and the
 * look schedules the next one, so that an idle client wakes up a thousand times a second (kafkajs#1751).
 */
export function mendRequestQueue(): void {
  prototype.scheduleCheckPendingRequests = function () {
    if (this.throttleCheckTimeoutId || this.pending.length === 0) return
    const wait = Math.max(this.throttledUntil - Date.now(), shortest)
    this.throttleCheckTimeoutId = setTimeout(() => {
      this.throttleCheckTimeoutId = null
      this.checkPendingRequests()
    }, wait)
  }
}
