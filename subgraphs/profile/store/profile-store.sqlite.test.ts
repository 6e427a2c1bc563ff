import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from '@jest/globals'
import { batchReads } from './batched-reads.ts'
import { profileStoreContract } from './profile-store.contract.ts'
import { openSqliteProfileStore } from './profile-store.sqlite.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-profile-'))
})
afterAll(() => rm(folder, { recursive: true }))

profileStoreContract('SQLite', async (name) => openSqliteProfileStore(join(folder, `${name}.db`)))
profileStoreContract('SQLite with batched reads', async (name) =>
  batchReads(openSqliteProfileStore(join(folder, `${name}.db`))),
)
