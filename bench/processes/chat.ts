import { createMemoryBroadcast } from '../../platform/events/broadcast.memory.ts'
import { openSqliteEventLog } from '../../platform/events/event-log.sqlite.ts'
import { createMemoryExpiringSet } from '../../platform/expiry/expiring-set.memory.ts'
import { createIdentity } from '../../platform/identity/identity.ts'
import { createResources } from '../../platform/lifecycle/resources.ts'
import { createLogger } from '../../platform/logging/logger.ts'
import { chatDefaults } from '../../subgraphs/chat/config.ts'
import { startFanOut } from '../../subgraphs/chat/outbox/fan-out.ts'
import { startChat } from '../../subgraphs/chat/service.ts'
import { openSqliteChatStore } from '../../subgraphs/chat/store/chat-store.sqlite.ts'
import { answerParent } from './answer-parent.ts'
import { countCalls } from './counted-store.ts'
import { tokens } from './parley-settings.ts'

const logger = createLogger('chat', 'error')
const resources = createResources()
let storeCalls: Record<string, number> = {}

const answers = {
  /** Starts chat and its fan-out in a process of their own, on the embedded engine. */
  async start({ file, authUrl, passportKeys }: { file: string; authUrl: string; passportKeys: string[] }) {
    const { store, calls } = countCalls(resources.own(openSqliteChatStore(file)))
    storeCalls = calls
    const eventLog = resources.own(openSqliteEventLog({ file, logger }))
    const broadcast = resources.own(createMemoryBroadcast(logger))
    const blacklist = resources.own(createMemoryExpiringSet())
    const identity = createIdentity({ authUrls: [authUrl], passportKeys, ...tokens, blacklist, logger })
    resources.own(await startFanOut({ eventLog, broadcast }))
    const chat = await startChat(
      { ...chatDefaults, host: '127.0.0.1', port: 0 },
      { store, eventLog, broadcast, ...identity, logger },
    )
    resources.onClose(chat.stop)
    return chat.url
  },
  /** How often each function of the store was called so far. */
  storeCalls: () => storeCalls,
}
export type Chat = typeof answers

answerParent(answers, resources.close)
