import { randomUUID } from 'node:crypto'
import { makeDatabase } from '../../dev/stack/answers/answers.mysql.ts'
import { type Server, serverUrl } from '../../platform/testing/server-urls.ts'
import { dropMongodbDatabase } from './databases.mongodb.ts'
import { dropMysqlDatabase } from './databases.mysql.ts'
import { deleteTopics } from './topics.kafka.ts'

/** A system's own place on servers that it shares with others: databases, and what keys and topics begin with. */
export interface ServerPlace {
  /** The variables that point to it. */
  variables: Record<string, string>
  remove(): Promise<void>
}

const servers: Server[] = ['mysql', 'mongodb', 'redis', 'kafka']

/** Whether this test run has every server. */
export const hasServers = (): boolean => servers.every((server) => serverUrl(server) !== undefined)

const withPath = (url: string | undefined, database: string) => {
  const [address = '', query] = String(url).split('?')
  const [scheme, rest = ''] = address.split('://')
  return `${scheme}://${rest.split('/')[0]}/${database}${query ? `?${query}` : ''}`
}

/** Makes a place that nobody else has. The URLs are those of the test run's servers unless others are given. */
export async function makePlace(at: (server: Server) => string | undefined = serverUrl): Promise<ServerPlace> {
  const name = `parley_${randomUUID().replaceAll('-', '').slice(0, 16)}`
  const mysql = withPath(at('mysql'), name)
  const mongodb = withPath(at('mongodb'), name)
  await makeDatabase(mysql)
  return {
    variables: {
      MYSQL_URL: mysql,
      MONGODB_URL: mongodb,
      REDIS_URL: String(at('redis')),
      REDIS_PREFIX: `${name}:`,
      KAFKA_URL: String(at('kafka')),
      KAFKA_PREFIX: `${name}.`,
      KAFKA_PARTITIONS: '4',
    },
    async remove() {
      await dropMysqlDatabase(withPath(mysql, ''), name)
      await dropMongodbDatabase(mongodb)
      await deleteTopics(String(at('kafka')), `${name}.`)
    },
  }
}
