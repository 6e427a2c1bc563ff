import { fileURLToPath } from 'node:url'
import { migrateMysql } from '../../../platform/storage/migrate.mysql.ts'
import { requireMysqlSchema } from '../../../platform/storage/schema/require-schema.mysql.ts'

const folder = fileURLToPath(new URL('migrations', import.meta.url))

/** Brings the database's auth tables to their newest version, as `migrateMysql` does. */
export const migrateAuthStore = (url: string) => migrateMysql({ url, component: 'auth', folder })

/** Holds the database's auth tables against this release, as `requireMysqlSchema` does. */
export const requireAuthTables = (url: string, patience?: number) =>
  requireMysqlSchema({ url, component: 'auth', folder, patience })
