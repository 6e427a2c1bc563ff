import { join } from 'node:path'
import { openKafkaEventLog } from '../../platform/events/event-log.kafka.ts'
import { openSqliteEventLog } from '../../platform/events/event-log.sqlite.ts'
import type { Resources } from '../../platform/lifecycle/resources.ts'
import { createLogger } from '../../platform/logging/logger.ts'
import { openMongodbChatStore } from '../../subgraphs/chat/store/chat-store.mongodb.ts'
import { openSqliteChatStore } from '../../subgraphs/chat/store/chat-store.sqlite.ts'
import { dropMongodbDatabase } from '../../tests/servers/databases.mongodb.ts'
import type { ServerPlace } from '../../tests/servers/place.ts'
import { ownOnceOpen } from '../harness/own-once-open.ts'
import { temporaryFolder } from '../processes/parley.ts'
import { openMongodbFloor } from './insert-floor.mongodb.ts'
import { openSqliteFloor } from './insert-floor.sqlite.ts'
import type { MeasuredStore } from './store.ts'

const logger = createLogger('bench', 'error')
/** To MongoDB: what a chat process opens. */
const connections = 20

export async function openEmbeddedStore(resources: Resources): Promise<MeasuredStore> {
  const folder = await temporaryFolder(resources)
  const file = join(folder, 'chat.sqlite')
  return {
    store: resources.own(openSqliteChatStore(file)),
    eventLog: resources.own(openSqliteEventLog({ file, logger })),
    floor: resources.own(openSqliteFloor(join(folder, 'floor.sqlite'))),
  }
}

export async function openServersStore(resources: Resources, place: ServerPlace): Promise<MeasuredStore> {
  const { MONGODB_URL = '', KAFKA_URL = '', KAFKA_PREFIX = '', KAFKA_PARTITIONS } = place.variables
  const databaseOf = (name: string) => MONGODB_URL.replace(/(\/\/[^/]+\/[^?]+)/, `$1_${name}`)
  const url = databaseOf('log')
  resources.onClose(() => dropMongodbDatabase(url))
  return {
    store: resources.own(await openMongodbChatStore({ url, connections })),
    eventLog: resources.own(
      openKafkaEventLog({
        url: KAFKA_URL,
        prefix: `${KAFKA_PREFIX}log.`,
        partitions: Number(KAFKA_PARTITIONS),
        logger,
      }),
    ),
    floor: await ownOnceOpen(resources, openMongodbFloor(databaseOf('floor'), connections), (floor) => floor.close()),
  }
}
