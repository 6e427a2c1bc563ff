import { fileURLToPath } from 'node:url'
import { migrateMysql } from '../../../platform/storage/migrate.mysql.ts'

const folder = fileURLToPath(new URL('migrations', import.meta.url))

/** Brings the database's auth tables to their newest version, as `migrateMysql` does. */
export const migrateAuthStore = (url: string) => migrateMysql({ url, component: 'auth', folder })
