import { boolean, char, customType, mysqlTable, varbinary, varchar } from 'drizzle-orm/mysql-core'
import type { Preferences } from './profile-store.ts'

// What `migrations/` makes.

/** A DATETIME in UTC. It has no milliseconds: MySQL would round them, MariaDB cuts them off. */
const second = customType<{ data: Date; driverData: string }>({
  dataType: () => 'datetime',
  toDriver: (at) => at.toISOString().slice(0, 19).replace('T', ' '),
  fromDriver: (text) => new Date(`${text.replace(' ', 'T')}Z`),
})
const uuid = (name: string) => char(name, { length: 36 })

export const profiles = mysqlTable('user_profiles', {
  id: uuid('id').primaryKey(),
  username: varchar('username', { length: 50 }).notNull(),
  displayName: varchar('display_name', { length: 100 }).notNull(),
  avatarUrl: varchar('avatar_url', { length: 255 }),
  statusMessage: varchar('status_message', { length: 255 }),
  createdAt: second('created_at').notNull(),
  updatedAt: second('updated_at').notNull(),
})

/**
 * Each profile's names as they are compared (`foldName`), in bytes: those order as code points do, and no space, accent or
 * invisible character is skipped, as the collation of `user_profiles` would. A character of a name can become twelve bytes.
 */
export const profileKeys = mysqlTable('user_profile_keys', {
  id: uuid('id').primaryKey(),
  usernameKey: varbinary('username_key', { length: 600 }).notNull(),
  displayNameKey: varbinary('display_name_key', { length: 1200 }).notNull(),
})

/** Null: never chosen. */
export const preferences = mysqlTable('user_preferences', {
  userId: uuid('user_id').primaryKey(),
  theme: varchar('theme', { length: 10 }).$type<Preferences['theme']>(),
  locale: varchar('locale', { length: 35 }),
  notifications: boolean('notifications'),
  readReceipts: boolean('read_receipts'),
})

export const deletedProfiles = mysqlTable('deleted_profiles', {
  id: uuid('id').primaryKey(),
  username: varchar('username', { length: 50 }).notNull(),
  usernameKey: varbinary('username_key', { length: 600 }).notNull(),
  deletedAt: second('deleted_at').notNull(),
})
