import {
  kafkaVariables,
  mysqlVariables,
  passportVariables,
  redisVariables,
  serverVariables,
  toKafka,
  tokenVariables,
  toMysql,
  toRedis,
  toServer,
} from '../../platform/config/common-variables.ts'
import { type Environment, readEnv, type Variables } from '../../platform/config/env.ts'
import { boolean, integer, secret } from '../../platform/config/variable-kinds.ts'
import { longestTokenLifetime } from '../../platform/identity/access-token.ts'
import type { SignInRules } from './domain/sign-in-limits.ts'

/** What the auth subgraph is told. Lifetimes are in seconds. */
export interface AuthConfig {
  host: string
  /** Port 0 takes any free one. */
  port: number
  /** The `iss` and `aud` of every access token. */
  issuer: string
  audience: string
  /** At least 32 characters. Signing keys are sealed with it and refresh tokens derive from it. */
  secret: string
  accessTokenLifetime: number
  /** How long a session lives that is not refreshed. */
  refreshTokenLifetime: number
  /** How long a refresh token that was traded still gives the living token of its session. */
  refreshGrace: number
  bcryptCost: number
  /** Whether the refresh cookie goes over HTTPS only in any case. Otherwise it does where the client speaks HTTPS. */
  secureCookies: boolean
  limits: SignInRules
}

/** What holds unless something else is configured. */
export const authDefaults = {
  accessTokenLifetime: 600,
  refreshTokenLifetime: 30 * 86_400,
  refreshGrace: 10,
  bcryptCost: 12,
  limits: { loginsPerAddress: 20, registrationsPerAddress: 20, failuresPerAccount: 10, passwordChangesPerAccount: 5 },
} satisfies Partial<AuthConfig>

const { limits } = authDefaults

/** What the process is told, for `--help`. */
export const variables = {
  ...serverVariables(4001),
  ...mysqlVariables,
  MIGRATE_AT_START: boolean('bring the tables up to date before serving; otherwise `npm run migrate` does', false),
  ...redisVariables,
  ...kafkaVariables,
  ...passportVariables,
  ...tokenVariables,
  ACCESS_TOKEN_LIFETIME: integer(
    'seconds that an access token lives',
    authDefaults.accessTokenLifetime,
    1,
    longestTokenLifetime,
  ),
  AUTH_SECRET: secret('seals the signing keys in the store, and refresh tokens derive from it'),
  REFRESH_TOKEN_LIFETIME: integer(
    'seconds that a session lives without a refresh',
    authDefaults.refreshTokenLifetime,
    60,
  ),
  REFRESH_GRACE: integer(
    'seconds that a traded refresh token still gives the newest one of its session',
    authDefaults.refreshGrace,
    0,
    300,
  ),
  BCRYPT_COST: integer('work factor of password hashes', authDefaults.bcryptCost, 4, 20),
  SECURE_COOKIES: {
    ...boolean('always send the refresh cookie over HTTPS only; without it, to clients that speak HTTPS', true),
    developmentFallback: 'false',
  },
  LOGINS_PER_ADDRESS: integer('sign-ins that an address may try in a minute', limits.loginsPerAddress, 1),
  REGISTRATIONS_PER_ADDRESS: integer('registrations of an address in a minute', limits.registrationsPerAddress, 1),
  FAILURES_PER_ACCOUNT: integer('failures in 15 minutes before tries at an account wait', limits.failuresPerAccount, 2),
  PASSWORD_CHANGES_PER_ACCOUNT: integer(
    'tries in 15 minutes to change the password of an account',
    limits.passwordChangesPerAccount,
    1,
  ),
} satisfies Variables

/** The process: the subgraph, and the servers that it works on. Throws a `ConfigError` with all that is wrong. */
export function readConfig(environment: Environment) {
  const values = readEnv(environment, variables)
  const service: AuthConfig = {
    ...toServer(values),
    issuer: values.TOKEN_ISSUER,
    audience: values.TOKEN_AUDIENCE,
    secret: values.AUTH_SECRET,
    accessTokenLifetime: values.ACCESS_TOKEN_LIFETIME,
    refreshTokenLifetime: values.REFRESH_TOKEN_LIFETIME,
    refreshGrace: values.REFRESH_GRACE,
    bcryptCost: values.BCRYPT_COST,
    secureCookies: values.SECURE_COOKIES,
    limits: {
      loginsPerAddress: values.LOGINS_PER_ADDRESS,
      registrationsPerAddress: values.REGISTRATIONS_PER_ADDRESS,
      failuresPerAccount: values.FAILURES_PER_ACCOUNT,
      passwordChangesPerAccount: values.PASSWORD_CHANGES_PER_ACCOUNT,
    },
  }
  return {
    service,
    logLevel: values.LOG_LEVEL,
    mysql: toMysql(values),
    migrateAtStart: values.MIGRATE_AT_START,
    redis: toRedis(values),
    kafka: toKafka(values),
    passportKeys: values.PASSPORT_KEYS,
  }
}
