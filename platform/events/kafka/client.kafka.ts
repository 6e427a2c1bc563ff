import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type ISocketFactory, Kafka, logLevel, type SASLOptions } from 'kafkajs'
import type { Logger } from '../../logging/logger.ts'
import { mendRequestQueue } from './request-queue.kafka.ts'

/** A kafkajs client with connections of its own. */
export interface KafkaClient {
  kafka: Kafka
  /** Cuts every connection and opens none any more: whatever still runs on this client fails soon, and nothing reaches Kafka. */
  cut(): void
}

export interface KafkaClientOptions {
  url: string
  logger: Logger
  /** Opens the way to a broker; plain TCP unless given. Tests cut and hold connections with it. */
  connect?(broker: { host: string; port: number }): Socket
}

export interface KafkaClients {
  open(): KafkaClient
  /** Cuts all of them, and those that are opened later. */
  close(): void
}

mendRequestQueue()

/**
 * Makes clients for the Kafka of this URL: `kafka://host:port,host:port`, `kafka+ssl://…`, with `user:password@` (percent-encoded)
 * for SASL, which is SCRAM-SHA-512 unless `?sasl=` says otherwise. Throws when the URL is none.
 */
export function createKafkaClients({ url, logger, connect = connectTcp }: KafkaClientOptions): KafkaClients {
  const { brokers, ssl, sasl } = parseKafkaUrl(url)
  const clients = new Set<KafkaClient>()
  let isClosed = false

  const open = () => {
    const sockets = createSockets(connect)
    if (isClosed) sockets.cut()
    const kafka = new Kafka({
      clientId: 'parley',
      brokers,
      ...(ssl && { ssl: {} }),
      ...(sasl && { sasl }),
      connectionTimeout: 2_000,
      requestTimeout: 6_000,
      retry: kafkaRetry,
      logLevel: logLevel.INFO,
      logCreator:
        () =>
        ({ namespace, log: { message, timestamp: _, ...details } }) =>
          logger.debug({ ...details, namespace }, message),
      socketFactory: sockets.open,
    })
    const client = {
      kafka,
      cut() {
        sockets.cut()
        clients.delete(client)
      },
    }
    clients.add(client)
    return client
  }
  return {
    open,
    close() {
      isClosed = true
      for (const client of clients) client.cut()
    },
  }
}

/** The connections of one client. */
function createSockets(connect: NonNullable<KafkaClientOptions['connect']>): { open: ISocketFactory; cut(): void } {
  const sockets = new Set<Socket>()
  let isCut = false
  return {
    open({ host, port, ssl, onConnect }) {
      if (isCut) throw new Error('This client is closed')
      const raw = connect({ host, port })
      const socket = ssl ? connectTls({ ...ssl, socket: raw, host, ...(!isIP(host) && { servername: host }) }) : raw
      socket.once(ssl ? 'secureConnect' : 'connect', onConnect)
      socket.setKeepAlive(true, 30_000)
      socket.setNoDelay(true)
      sockets.add(socket)
      socket.once('close', () => {
        sockets.delete(socket)
        // kafkajs calls it on closed sockets, again and again, and each time Node adds a listener.
        socket.unref = () => socket
      })
      return socket
    },
    cut() {
      isCut = true
      // kafkajs hears of an error, not of a close.
      for (const socket of sockets) socket.destroy(new Error('This client is closed'))
    },
  }
}

/** Whole, because kafkajs has other defaults under NODE_ENV=test. Two seconds altogether; who calls it has a longer breath. */
export const kafkaRetry = { retries: 4, initialRetryTime: 100, multiplier: 2, maxRetryTime: 1_000, factor: 0.2 }

const shape =
  /^kafka(?<ssl>\+ssl)?:\/\/(?:(?<user>[^:@/]+):(?<password>[^:@/]+)@)?(?<hosts>[^@/?#]+)\/?(?:\?(?<query>.*))?$/
const mechanisms = ['scram-sha-512', 'scram-sha-256', 'plain'] as const

/** What a Kafka URL says. Throws with a message that does not repeat the password. */
export function parseKafkaUrl(url: string): { brokers: string[]; ssl: boolean; sasl?: SASLOptions } {
  const { ssl, user, password, hosts = '', query = '' } = shape.exec(url)?.groups ?? {}
  const brokers = hosts.split(',').map((host) => (host.includes(':') ? host : `${host}:9092`))
  if (!brokers.every((broker) => /^[\w.-]+:\d{1,5}$/.test(broker)))
    throw new Error('The Kafka URL must look like kafka://host:port,host:port or kafka+ssl://user:password@host:port')
  const { sasl: wanted = mechanisms[0], ...others } = Object.fromEntries(new URLSearchParams(query))
  const mechanism = mechanisms.find((known) => known === wanted)
  if (!mechanism || Object.keys(others).length > 0)
    throw new Error(`The Kafka URL may have one parameter: sasl, which is one of ${mechanisms.join(', ')}`)
  const sasl = user && password && toSasl(mechanism, decodeURIComponent(user), decodeURIComponent(password))
  return { brokers, ssl: ssl !== undefined, ...(sasl && { sasl }) }
}

/** kafkajs declares a type for each mechanism. */
const toSasl = (mechanism: (typeof mechanisms)[number], username: string, password: string): SASLOptions =>
  mechanism === 'plain' ? { mechanism, username, password } : ({ mechanism, username, password } as SASLOptions)
