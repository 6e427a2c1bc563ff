import process from 'node:process'

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
