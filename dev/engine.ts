import { createMemoryBroadcast } from '../platform/events/broadcast.memory.ts'
import { openSqliteEventLog } from '../platform/events/event-log.sqlite.ts'
import { createMemoryExpiringSet } from '../platform/expiry/expiring-set.memory.ts'
import type { Resources } from '../platform/lifecycle/resources.ts'
import { createMemoryRateLimit } from '../platform/limits/rate-limit.memory.ts'
import type { Logger } from '../platform/logging/logger.ts'
import type { Answer } from '../platform/readiness/watch-dependencies.ts'
import { openSqliteAuthStore } from '../subgraphs/auth/store/auth-store.sqlite.ts'
import { openSqliteChatStore } from '../subgraphs/chat/store/chat-store.sqlite.ts'
import { openSqliteProfileStore } from '../subgraphs/profile/store/profile-store.sqlite.ts'

/** Which adapter serves which port, for the banner. */
export const embeddedAdapters = {
  AuthStore: 'SQLite (drizzle-orm)',
  ProfileStore: 'SQLite (drizzle-orm)',
  ChatStore: 'SQLite',
  EventLog: 'SQLite, in process',
  Broadcast: 'in process',
  ExpiringSet: 'in memory',
  RateLimit: 'in memory',
}

export type Engine = ReturnType<typeof openEmbeddedEngine>

/** Opens every port on its embedded adapter, all in one file; they close with the resources. */
export function openEmbeddedEngine(file: string, logger: Logger, resources: Resources) {
  const authStore = resources.own(openSqliteAuthStore(file))
  const profileStore = resources.own(openSqliteProfileStore(file))
  const chatStore = resources.own(openSqliteChatStore(file))
  return {
    authStore,
    profileStore,
    chatStore,
    /** Whether all that stores can write, as one answer: they share a disk. */
    async ready(): Promise<Answer> {
      const answers = await Promise.all([authStore, profileStore, chatStore].map((store) => store.ready()))
      return answers.find((answer) => answer !== true) ?? true
    },
    eventLog: resources.own(openSqliteEventLog({ file, logger })),
    broadcast: resources.own(createMemoryBroadcast(logger)),
    blacklist: resources.own(createMemoryExpiringSet()),
    rateLimit: resources.own(createMemoryRateLimit()),
  }
}
