import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

const moment = (name: string) => integer(name, { mode: 'timestamp_ms' })

export const accounts = sqliteTable('accounts', {
  id: text('id').primaryKey(),
  username: text('username', { length: 50 }).notNull().unique(),
  displayName: text('display_name', { length: 100 }).notNull(),
  passwordHash: text('password_hash', { length: 60 }).notNull(),
  passwordVersion: integer('password_version').notNull(),
  createdAt: moment('created_at').notNull(),
  /** Whether its event is yet to be published: the account and its outbox entry are one row. */
  pending: integer('pending', { mode: 'boolean' }).notNull(),
})

export const sessions = sqliteTable('sessions', {
  id: text('id').primaryKey(),
  userId: text('user_id').notNull(),
  createdAt: moment('created_at').notNull(),
  lastSeenAt: moment('last_seen_at').notNull(),
  userAgent: text('user_agent', { length: 255 }),
  ip: text('ip', { length: 45 }),
  revokedAt: moment('revoked_at'),
})

export const refreshTokens = sqliteTable('refresh_tokens', {
  hash: text('hash', { length: 43 }).primaryKey(),
  sessionId: text('session_id').notNull(),
  passwordVersion: integer('password_version').notNull(),
  createdAt: moment('created_at').notNull(),
  replacedAt: moment('replaced_at'),
})

export const signingKeys = sqliteTable('signing_keys', {
  id: text('id').primaryKey(),
  publicKey: text('public_key').notNull(),
  sealedPrivateKey: text('sealed_private_key').notNull(),
  createdAt: moment('created_at').notNull(),
})

export const migrations = [
  `CREATE TABLE accounts (
     id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL, password_hash TEXT NOT NULL,
     password_version INTEGER NOT NULL, created_at INTEGER NOT NULL, pending INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX accounts_pending ON accounts (created_at) WHERE pending;
   CREATE TABLE sessions (
     id TEXT PRIMARY KEY, user_id TEXT NOT NULL, created_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL,
     user_agent TEXT, ip TEXT, revoked_at INTEGER) WITHOUT ROWID;
   CREATE INDEX sessions_by_user ON sessions (user_id, created_at);
   CREATE INDEX sessions_by_revocation ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
   CREATE INDEX sessions_by_last_use ON sessions (last_seen_at);
   CREATE TABLE refresh_tokens (
     hash TEXT PRIMARY KEY, session_id TEXT NOT NULL, password_version INTEGER NOT NULL,
     created_at INTEGER NOT NULL, replaced_at INTEGER) WITHOUT ROWID;
   CREATE INDEX refresh_tokens_by_age ON refresh_tokens (created_at);
   CREATE TABLE signing_keys (
     id TEXT PRIMARY KEY, public_key TEXT NOT NULL, sealed_private_key TEXT NOT NULL, created_at INTEGER NOT NULL)
     WITHOUT ROWID;`,
  // Display names were kept after the accounts were announced.
  `UPDATE accounts SET display_name = '' WHERE NOT pending;`,
]
