import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Preferences } from './profile-store.ts'

const second = (name: string) => integer(name, { mode: 'timestamp' })

/** `*_key` columns hold names as they are compared (`foldName`), so that every database orders and finds them alike. */
export const profiles = sqliteTable('user_profiles', {
  id: text('id').primaryKey(),
  username: text('username', { length: 50 }).notNull(),
  usernameKey: text('username_key', { length: 100 }).notNull().unique(),
  displayName: text('display_name', { length: 100 }).notNull(),
  displayNameKey: text('display_name_key', { length: 200 }).notNull(),
  avatarUrl: text('avatar_url', { length: 255 }),
  statusMessage: text('status_message', { length: 255 }),
  createdAt: second('created_at').notNull(),
  updatedAt: second('updated_at').notNull(),
})

/** Null: never chosen. */
export const preferences = sqliteTable('user_preferences', {
  userId: text('user_id').primaryKey(),
  theme: text('theme').$type<Preferences['theme']>(),
  locale: text('locale', { length: 35 }),
  notifications: integer('notifications', { mode: 'boolean' }),
  readReceipts: integer('read_receipts', { mode: 'boolean' }),
})

export const deletedProfiles = sqliteTable('deleted_profiles', {
  id: text('id').primaryKey(),
  username: text('username', { length: 50 }).notNull(),
  usernameKey: text('username_key', { length: 100 }).notNull().unique(),
  deletedAt: second('deleted_at').notNull(),
})

export const migrations = [
  `CREATE TABLE user_profiles (
     id TEXT PRIMARY KEY, username TEXT NOT NULL, username_key TEXT NOT NULL UNIQUE,
     display_name TEXT NOT NULL, display_name_key TEXT NOT NULL, avatar_url TEXT, status_message TEXT,
     created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX user_profiles_by_display_name ON user_profiles (display_name_key);
   CREATE TABLE user_preferences (
     user_id TEXT PRIMARY KEY REFERENCES user_profiles (id) ON DELETE CASCADE,
     theme TEXT, locale TEXT, notifications INTEGER, read_receipts INTEGER) WITHOUT ROWID;
   CREATE TABLE deleted_profiles (
     id TEXT PRIMARY KEY, username TEXT NOT NULL, username_key TEXT NOT NULL UNIQUE, deleted_at INTEGER NOT NULL)
     WITHOUT ROWID;`,
  // Times were kept to the millisecond.
  `UPDATE user_profiles SET created_at = created_at / 1000, updated_at = updated_at / 1000;
   UPDATE deleted_profiles SET deleted_at = deleted_at / 1000;`,
]
