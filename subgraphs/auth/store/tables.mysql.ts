import { boolean, char, datetime, int, mysqlTable, text, varchar } from 'drizzle-orm/mysql-core'

// What `migrations/` makes. MySQL's DATETIME knows no zone; drizzle writes and reads UTC.
const moment = (name: string) => datetime(name, { mode: 'date', fsp: 3 })
const uuid = (name: string) => char(name, { length: 36 })

export const accounts = mysqlTable('accounts', {
  id: uuid('id').primaryKey(),
  username: varchar('username', { length: 50 }).notNull(),
  displayName: varchar('display_name', { length: 100 }).notNull(),
  passwordHash: varchar('password_hash', { length: 60 }).notNull(),
  passwordVersion: int('password_version', { unsigned: true }).notNull(),
  createdAt: moment('created_at').notNull(),
  /** Whether its event is yet to be published: the account and its outbox entry are one row. */
  pending: boolean('pending').notNull(),
})

export const sessions = mysqlTable('sessions', {
  id: uuid('id').primaryKey(),
  userId: uuid('user_id').notNull(),
  createdAt: moment('created_at').notNull(),
  lastSeenAt: moment('last_seen_at').notNull(),
  userAgent: varchar('user_agent', { length: 255 }),
  ip: varchar('ip', { length: 45 }),
  revokedAt: moment('revoked_at'),
})

export const refreshTokens = mysqlTable('refresh_tokens', {
  hash: varchar('hash', { length: 43 }).primaryKey(),
  sessionId: uuid('session_id').notNull(),
  passwordVersion: int('password_version', { unsigned: true }).notNull(),
  createdAt: moment('created_at').notNull(),
  replacedAt: moment('replaced_at'),
})

export const signingKeys = mysqlTable('signing_keys', {
  id: uuid('id').primaryKey(),
  publicKey: text('public_key').notNull(),
  sealedPrivateKey: text('sealed_private_key').notNull(),
  createdAt: moment('created_at').notNull(),
})
