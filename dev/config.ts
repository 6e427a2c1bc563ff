import { z } from 'zod'
import {
  ConfigError,
  type Environment,
  integer,
  origins,
  readEnv,
  text,
  type Variables,
} from '../platform/config/env.ts'
import { type LogLevel, logLevels } from '../platform/logging/logger.ts'

export const variables = {
  HOST: text('address to listen on; 0.0.0.0 opens it to the network', '127.0.0.1'),
  PORT: integer('port to listen on; 0 takes any free one', 4000, 0, 65_535),
  DATA_DIR: text('folder that holds everything that is stored', 'data'),
  LOG_LEVEL: {
    schema: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('warn'),
    meaning: `what is logged to standard error: ${logLevels.join(', ')}`,
    fallback: 'warn',
  },
  ALLOWED_ORIGINS: origins('web origins besides its own that may call it, parted by commas'),
} satisfies Variables

export interface StartConfig {
  host: string
  port: number
  dataDir: string
  logLevel: LogLevel
  allowedOrigins: string[]
}

/** Throws a `ConfigError` that lists all that is wrong. */
export function readConfig(environment: Environment): StartConfig {
  if (environment.NODE_ENV === 'production') {
    throw new ConfigError(['NODE_ENV must not be production here: this start is one process on the embedded engine'])
  }
  const { HOST, PORT, DATA_DIR, LOG_LEVEL, ALLOWED_ORIGINS } = readEnv(environment, variables)
  return { host: HOST, port: PORT, dataDir: DATA_DIR, logLevel: LOG_LEVEL, allowedOrigins: ALLOWED_ORIGINS }
}
