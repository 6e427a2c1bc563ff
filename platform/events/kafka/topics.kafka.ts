import { within } from '../../lifecycle/within.ts'
import type { KafkaClient } from './client.kafka.ts'

export interface KafkaTopics {
  /** Resolves once there are topics of these names; those that are missing are made. */
  ensure(names: string[]): Promise<void>
  /** Has `ensure` look again: a topic may have been deleted. */
  forget(names: string[]): void
}

export interface KafkaTopicsOptions {
  openClient(): KafkaClient
  partitions: number
  /** Replicas of each partition; -1 for what the cluster says. */
  replication: number
}

const patience = 5_000

/** Makes topics when they are needed first. Several processes may do so at once. */
export function createKafkaTopics({ openClient, partitions, replication }: KafkaTopicsOptions): KafkaTopics {
  const known = new Set<string>()

  const make = async ({ kafka }: KafkaClient, names: string[]) => {
    const admin = kafka.admin()
    await admin.connect()
    // Asked first, because who may write to topics need not be allowed to make them.
    const existing = new Set(await admin.listTopics())
    const topics = names
      .filter((name) => !existing.has(name))
      .map((topic) => ({ topic, numPartitions: partitions, replicationFactor: replication }))
    if (topics.length > 0) await admin.createTopics({ topics, timeout: patience })
  }
  return {
    async ensure(names) {
      const unknown = names.filter((name) => !known.has(name))
      if (unknown.length === 0) return
      const client = openClient()
      try {
        await within(patience, make(client, unknown), 'Topics could not be made in time')
      } finally {
        client.cut()
      }
      for (const name of unknown) known.add(name)
    },
    forget: (names) => {
      for (const name of names) known.delete(name)
    },
  }
}
