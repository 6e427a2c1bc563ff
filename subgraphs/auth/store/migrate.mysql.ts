import { fileURLToPath } from 'node:url'
import { getTableName } from 'drizzle-orm'
import type { Logger } from '../../../platform/logging/logger.ts'
import { migrateMysql } from '../../../platform/storage/migrate.mysql.ts'
import { requireMysqlSchema } from '../../../platform/storage/schema/require-schema.mysql.ts'
import { accounts, refreshTokens, sessions, signingKeys } from './tables.mysql.ts'

const folder = fileURLToPath(new URL('migrations', import.meta.url))
const tables = [accounts, sessions, refreshTokens, signingKeys].map(getTableName)

/** Brings the database's auth tables to their newest version, as `migrateMysql` does. */
export const migrateAuthStore = (url: string, logger?: Logger) =>
  migrateMysql({ url, component: 'auth', folder, logger })

/** Compares the database's auth tables with this release, as `requireMysqlSchema` does. */
export const requireAuthTables = (url: string, logger: Logger, patience?: number) =>
  requireMysqlSchema({ url, component: 'auth', folder, tables, logger, patience })
