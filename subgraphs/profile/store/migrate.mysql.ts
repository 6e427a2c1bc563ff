import { fileURLToPath } from 'node:url'
import { migrateMysql } from '../../../platform/storage/migrate.mysql.ts'

const folder = fileURLToPath(new URL('migrations', import.meta.url))

/** Brings the database's profile tables to their newest version, as `migrateMysql` does. */
export const migrateProfileStore = (url: string) => migrateMysql({ url, component: 'profile', folder })
