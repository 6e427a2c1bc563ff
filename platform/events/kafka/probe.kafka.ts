import type { Admin } from 'kafkajs'
import { StartError } from '../../config/start-error.ts'
import { within } from '../../lifecycle/within.ts'
import type { Logger } from '../../logging/logger.ts'
import type { KafkaClient } from './client.kafka.ts'

/** Asks Kafka whether it answers. */
export interface KafkaProbe {
  /** Whether a broker of the cluster tells who belongs to it. Never throws; may take as long as kafkajs waits for an answer. */
  answers(): Promise<boolean>
  /** Asks once, for a process that starts. Throws a `StartError` when Kafka refuses the login; that it is away is only logged. */
  requireLogin(logger: Logger): Promise<void>
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
  const ask = async () => {
    open ??= connect()
    try {
      await (await open.admin).describeCluster()
    } catch (error) {
      close()
      throw error
    }
  }
  return {
    answers: () =>
      ask().then(
        () => true,
        () => false,
      ),
    async requireLogin(logger) {
      try {
        await within(startTimeout, ask(), `no answer within ${startTimeout} ms`)
      } catch (error) {
        const refusal = loginRefusalIn(error)
        if (refusal) throw new StartError(`Kafka (KAFKA_URL) refuses the login: ${refusal}`)
        logger.warn({ reason: error instanceof Error ? error.message : error }, 'Kafka (KAFKA_URL) does not answer yet')
      }
    },
    close,
  }
}

/** How long a process that starts waits for Kafka, in milliseconds. */
const startTimeout = 3_000

const loginRefusals = ['SASL_AUTHENTICATION_FAILED', 'ILLEGAL_SASL_STATE', 'UNSUPPORTED_SASL_MECHANISM']

/** What Kafka said of the login, without the login; undefined when that is not what failed. */
function loginRefusalIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const isOne = error.name === 'KafkaJSSASLAuthenticationError' || loginRefusals.includes(String(Object(error).type))
  return isOne ? error.message : loginRefusalIn(error.cause)
}
