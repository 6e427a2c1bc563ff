import { createKafkaClients } from '../../platform/events/kafka/client.kafka.ts'
import { createLogger } from '../../platform/logging/logger.ts'

/** Removes the topics that a test made. */
export async function deleteTopics(url: string, prefix: string): Promise<void> {
  const clients = createKafkaClients({ url, logger: createLogger('test', 'silent') })
  try {
    const admin = clients.open().kafka.admin()
    await admin.connect()
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix))
    if (topics.length > 0) await admin.deleteTopics({ topics })
    await admin.disconnect()
  } finally {
    clients.close()
  }
}
