import { createKafkaClients } from '../../../platform/events/kafka/client.kafka.ts'
import { createLogger } from '../../../platform/logging/logger.ts'

/** Throws while the broker does not answer, or coordinates no consumer groups yet. */
export async function askKafka(url: string): Promise<void> {
  const clients = createKafkaClients({ url, logger: createLogger('stack', 'silent') })
  try {
    const admin = clients.open().kafka.admin()
    await admin.connect()
    await admin.describeGroups(['parley-stack'])
    await admin.disconnect()
  } finally {
    clients.close()
  }
}
