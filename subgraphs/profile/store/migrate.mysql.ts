import { fileURLToPath } from 'node:url'
import { migrateMysql } from '../../../platform/storage/migrate.mysql.ts'
import { requireMysqlSchema } from '../../../platform/storage/schema/require-schema.mysql.ts'

const folder = fileURLToPath(new URL('migrations', import.meta.url))

/** Brings the database's profile tables to their newest version, as `migrateMysql` does. */
export const migrateProfileStore = (url: string) => migrateMysql({ url, component: 'profile', folder })

/** Holds the database's profile tables against this release, as `requireMysqlSchema` does. */
export const requireProfileTables = (url: string, patience?: number) =>
  requireMysqlSchema({ url, component: 'profile', folder, patience })
