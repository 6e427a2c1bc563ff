import type { Admin } from 'kafkajs'
import type { KafkaClient } from './client.kafka.ts'

/** Asks Kafka whether it answers. */
export interface KafkaProbe {
  /** Whether a broker of the cluster tells who belongs to it. Never throws; may take as long as kafkajs waits for an answer. */
  answers(): Promise<boolean>
  close(): void
}

/** A probe on connections of its own, which it keeps while they serve. */
export function createKafkaProbe(openClient: () => KafkaClient): KafkaProbe {
  let open: { client: KafkaClient; admin: Promise<Admin> } | undefined
  const connect = () => {
    const client = openClient()
    const admin = client.kafka.admin()
    return { client, admin: admin.connect().then(() => admin) }
  }
  const close = () => {
    open?.client.cut()
    open = undefined
  }
  return {
    async answers() {
      open ??= connect()
      try {
        const { brokers } = await (await open.admin).describeCluster()
        return brokers.length > 0
      } catch {
        close()
        return false
      }
    },
    close,
  }
}
