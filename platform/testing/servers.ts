import process from 'node:process'
import { describe, it } from '@jest/globals'

/** The servers that a suite can need, with the variable that says where each is. */
const variables = {
  mysql: 'TEST_MYSQL_URL',
  mongodb: 'TEST_MONGODB_URL',
  redis: 'TEST_REDIS_URL',
  kafka: 'TEST_KAFKA_URL',
} as const

export type Server = keyof typeof variables

/** Where the server of this test run is; undefined when none could be started. */
export const serverUrl = (server: Server): string | undefined => process.env[variables[server]] || undefined

/** Runs the suite on the real server. Without one it is reported as left out. */
export function onServer(server: Server, suite: (url: string) => void): void {
  const url = serverUrl(server)
  if (url) suite(url)
  else describe(`on ${server}`, () => it.skip(`needs a ${server} server`, () => {}))
}
