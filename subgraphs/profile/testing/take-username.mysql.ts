import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { argv, stdin, stdout } from 'node:process'
import { migrateProfileStore } from '../store/migrate.mysql.ts'
import { openMysqlProfileStore } from '../store/profile-store.mysql.ts'

// A process of its own that prepares the database and then, when it is told to, wants a username. It says what came of it.
const [url = '', username = ''] = argv.slice(2)
await migrateProfileStore(url)
stdout.write('ready\n')
await once(stdin, 'data')
const store = openMysqlProfileStore({ url })
const at = new Date('2026-01-02T03:04:05.678Z')
stdout.write(`${await store.add({ id: randomUUID(), username, displayName: username }, at)}\n`)
await store.close()
stdin.destroy()
