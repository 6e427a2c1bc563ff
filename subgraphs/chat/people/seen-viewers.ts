import { LRUCache } from 'lru-cache'
import type { Viewer } from '../../../platform/identity/viewer.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import type { PeopleStore } from '../store/chat-store.ts'

/**
 * Whoever shows an access token exists: that is how chat learns of accounts whose events are no longer kept, or have not come because
 * the event log is away.
 */
export interface SeenViewers {
  /** Remembers the viewer soon, and waits for nothing. */
  saw(viewer: Viewer): void
  /** Waits until what was seen is stored. */
  close(): Promise<void>
}

const mostRemembered = 50_000
const mostAtOnce = 1_000

export function createSeenViewers({ people, logger }: { people: PeopleStore; logger: Logger }): SeenViewers {
  /** Who need not be stored again. One that was forgotten is stored once more, which is harmless. */
  const remembered = new LRUCache<string, true>({ max: mostRemembered })
  const waiting = new Set<string>()
  let running: Promise<void> | undefined

  const store = async () => {
    while (waiting.size > 0) {
      const userIds = [...waiting].slice(0, mostAtOnce)
      for (const userId of userIds) waiting.delete(userId)
      try {
        await people.add(userIds)
      } catch (error) {
        // They are stored when they come again.
        for (const userId of userIds) remembered.delete(userId)
        logger.warn({ err: error, users: userIds.length }, 'it could not be stored who was here')
      }
    }
    running = undefined
  }
  return {
    saw(viewer) {
      if (typeof viewer === 'string' || remembered.has(viewer.userId) || waiting.size >= mostRemembered) return
      remembered.set(viewer.userId, true)
      waiting.add(viewer.userId)
      running ??= store()
    },
    close: async () => running,
  }
}
