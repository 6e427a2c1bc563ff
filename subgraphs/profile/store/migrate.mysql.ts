import { fileURLToPath } from 'node:url'
import { getTableName } from 'drizzle-orm'
import type { Logger } from '../../../platform/logging/logger.ts'
import { migrateMysql } from '../../../platform/storage/migrate.mysql.ts'
import { requireMysqlSchema } from '../../../platform/storage/schema/require-schema.mysql.ts'
import { deletedProfiles, preferences, profileKeys, profiles } from './tables.mysql.ts'

const folder = fileURLToPath(new URL('migrations', import.meta.url))
const tables = [profiles, profileKeys, preferences, deletedProfiles].map(getTableName)

/** Brings the database's profile tables to their newest version, as `migrateMysql` does. */
export const migrateProfileStore = (url: string, logger?: Logger) =>
  migrateMysql({ url, component: 'profile', folder, logger })

/** Compares the database's profile tables with this release, as `requireMysqlSchema` does. */
export const requireProfileTables = (url: string, logger: Logger, patience?: number) =>
  requireMysqlSchema({ url, component: 'profile', folder, tables, logger, patience })
