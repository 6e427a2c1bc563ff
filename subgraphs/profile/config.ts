import {
  authUrls,
  kafkaVariables,
  mysqlVariables,
  passportVariables,
  redisVariables,
  serverVariables,
  toIdentity,
  toKafka,
  tokenVariables,
  toMysql,
  toServer,
} from '../../platform/config/common-variables.ts'
import { type Environment, readEnv, type Variables } from '../../platform/config/env.ts'
import { boolean } from '../../platform/config/variable-kinds.ts'

/** Where the profile subgraph listens. Port 0 takes any free one. */
export interface ProfileConfig {
  host: string
  port: number
}

/** What the process is told, for `--help`. */
export const variables = {
  ...serverVariables(4002),
  ...mysqlVariables,
  MIGRATE_AT_START: boolean('bring the tables up to date before serving; otherwise `npm run migrate` does', false),
  ...redisVariables,
  ...kafkaVariables,
  ...authUrls,
  ...passportVariables,
  ...tokenVariables,
} satisfies Variables

/** The process: the subgraph, and the servers that it works on. Throws a `ConfigError` with all that is wrong. */
export function readConfig(environment: Environment) {
  const values = readEnv(environment, variables)
  return {
    service: toServer(values) satisfies ProfileConfig,
    logLevel: values.LOG_LEVEL,
    mysql: toMysql(values),
    migrateAtStart: values.MIGRATE_AT_START,
    kafka: toKafka(values),
    identity: toIdentity(values),
  }
}
