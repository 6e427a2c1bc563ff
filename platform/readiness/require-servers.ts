import { StartError } from '../config/start-error.ts'
import type { Logger } from '../logging/logger.ts'
import { type Found, identifyServer, type ProtocolName } from './server-protocols.ts'

interface Kind {
  protocol: ProtocolName
  port: number
}

const kinds = {
  MYSQL_URL: { protocol: 'MySQL', port: 3306 },
  MONGODB_URL: { protocol: 'MongoDB', port: 27017 },
  REDIS_URL: { protocol: 'Redis', port: 6379 },
  KAFKA_URL: { protocol: 'Kafka', port: 9092 },
} satisfies Record<string, Kind>

export type ServerVariable = keyof typeof kinds
export type ServerUrls = Partial<Record<ServerVariable, string>>

/**
 * Asks each server of a process that starts whether it is one of its kind, before anything waits for it. Throws a `StartError` that names
 * the variable when another kind of server answers. One that is away or says nothing is logged: it may come. What is reached over TLS,
 * or by a DNS record, is not asked.
 */
export async function requireServers(urls: ServerUrls, logger: Logger): Promise<void> {
  const asked = Object.entries(urls) as [ServerVariable, string][]
  const faults = await Promise.all(
    asked.flatMap(([variable, url]) => addressesOf(variable, url).map((at) => check(variable, at, logger))),
  )
  const found = faults.filter((fault) => fault !== undefined)
  if (found.length > 0) throw new StartError(found.join('\n'))
}

interface Address {
  host: string
  port: number
}

async function check(variable: ServerVariable, { host, port }: Address, logger: Logger): Promise<string | undefined> {
  const { protocol } = kinds[variable]
  const found: Found = await identifyServer(host, port, protocol)
  const at = `${host}:${port}`
  if (found === 'unknown')
    return `${variable} leads to ${at}, where something answers that is no ${protocol} server (or one that wants TLS): correct its host and port`
  if (found === 'silent')
    logger.warn({ variable, at }, `${variable}: what listens there says nothing. Is it a ${protocol} server, and well?`)
  else if ('unreachable' in found)
    logger.warn({ variable, at, code: found.unreachable }, `${variable}: no ${protocol} server is reached there yet`)
  else if (found.protocol !== protocol)
    return `${variable} leads to ${at}, which is ${article[found.protocol]} server and not ${article[protocol]} server: correct its host and port`
  return undefined
}

const article: Record<ProtocolName, string> = {
  MySQL: 'a MySQL',
  MongoDB: 'a MongoDB',
  Redis: 'a Redis',
  Kafka: 'a Kafka',
  HTTP: 'an HTTP',
}

const encrypted = /^(rediss|kafka\+ssl|mongodb\+srv)\b|[?&](tls|ssl)=(?!false)/

/** Where a URL's servers are. None for what cannot be asked in plain text; whether the URL is right is for others to say. */
export function addressesOf(variable: ServerVariable, url: string): Address[] {
  if (encrypted.test(url)) return []
  const hosts = /^[a-z+]+:\/\/(?:[^/?#]*@)?([^/?#]+)/.exec(url)?.[1] ?? ''
  return hosts.split(',').flatMap((host) => {
    const at = URL.parse(`tcp://${host}`)
    if (!at?.hostname || host.includes('%')) return []
    return [{ host: at.hostname.replace(/^\[|\]$/g, ''), port: Number(at.port) || kinds[variable].port }]
  })
}
