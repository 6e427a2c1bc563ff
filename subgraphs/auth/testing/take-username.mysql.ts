import { once } from 'node:events'
import { argv, stdin, stdout } from 'node:process'
import { v7 as uuidv7 } from 'uuid'
import { openMysqlAuthStore } from '../store/auth-store.mysql.ts'
import { migrateAuthStore } from '../store/migrate.mysql.ts'

// A process of its own that prepares the database and then, when it is told to, wants a username. It says what came of it.
const [url = '', username = ''] = argv.slice(2)
await migrateAuthStore(url)
stdout.write('ready\n')
await once(stdin, 'data')
const store = openMysqlAuthStore({ url })
const createdAt = new Date('2026-01-02T03:04:05.678Z')
const account = { id: uuidv7(), username, displayName: username, passwordHash: 'hash', passwordVersion: 1, createdAt }
const session = { id: uuidv7(), userId: account.id, createdAt, lastSeenAt: createdAt }
const first = {
  session: { ...session, userAgent: null, ip: null, revokedAt: null },
  refreshToken: { hash: uuidv7(), sessionId: session.id, passwordVersion: 1, createdAt, replacedAt: null },
}
stdout.write(`${await store.addAccount(account, first)}\n`)
await store.close()
stdin.destroy()
