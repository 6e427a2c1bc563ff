import { defaultPointsPerMinute, type PointsPerMinute } from '../gateway/config.ts'
import { ConfigError, type Environment, isProduction, readEnv, type Variables } from '../platform/config/env.ts'
import { boolean, choice, integer, origins, proxies, text } from '../platform/config/variable-kinds.ts'
import { type LogLevel, logLevels } from '../platform/logging/logger.ts'

export const variables = {
  HOST: text('address to listen on; 0.0.0.0 opens it to the network', '127.0.0.1'),
  PORT: integer('port to listen on; 0 takes any free one', 4000, 0, 65_535),
  DATA_DIR: text('folder that holds everything that is stored', 'data'),
  LOG_LEVEL: choice('what is logged to standard error', logLevels, 'warn'),
  POINTS_PER_MINUTE: integer(
    'points that the operations of a user may cost in a minute, or of an address that is not signed in',
    defaultPointsPerMinute.ofUser,
    1,
  ),
  ADDRESS_POINTS_PER_MINUTE: integer(
    'points that the operations of all users behind one address may cost in a minute',
    defaultPointsPerMinute.ofAddress,
    1,
  ),
  TRUSTED_PROXIES: proxies('proxies whose X-Forwarded-For, -Proto and -Host are believed'),
  SECURE_COOKIES: boolean(
    'always send the refresh cookie over HTTPS only; without it, to clients that speak HTTPS',
    false,
  ),
  ALLOWED_ORIGINS: origins(
    'origins of web pages that may call it besides its own; pages at loopback addresses may anyhow',
  ),
} satisfies Variables

export interface StartConfig {
  host: string
  port: number
  dataDir: string
  logLevel: LogLevel
  allowedOrigins: string[]
  trustedProxies: string[]
  secureCookies: boolean
  pointsPerMinute: PointsPerMinute
}

/** Throws a `ConfigError` that lists all that is wrong. */
export function readConfig(environment: Environment): StartConfig {
  if (isProduction(environment)) {
    throw new ConfigError(['NODE_ENV must not be production here: this start is one process on the embedded engine'])
  }
  const values = readEnv(environment, variables)
  return {
    host: values.HOST,
    port: values.PORT,
    dataDir: values.DATA_DIR,
    logLevel: values.LOG_LEVEL,
    allowedOrigins: values.ALLOWED_ORIGINS,
    trustedProxies: values.TRUSTED_PROXIES,
    secureCookies: values.SECURE_COOKIES,
    pointsPerMinute: { ofUser: values.POINTS_PER_MINUTE, ofAddress: values.ADDRESS_POINTS_PER_MINUTE },
  }
}
