import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { authStoreContract } from './auth-store.contract.ts'
import { openSqliteAuthStore } from './auth-store.sqlite.ts'

const makePlace = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-auth-'))
  return {
    open: async () => openSqliteAuthStore(join(folder, 'auth.db')),
    remove: async () => rmSync(folder, { recursive: true }),
  }
}

authStoreContract('sqlite', makePlace)

describe('auth store on sqlite', () => {
  it('names no statement and no value in its errors', async () => {
    const place = await makePlace()
    const store = await place.open()
    await store.close()
    const failure = await store.accountByUsername('a-value').then(
      () => undefined,
      (error: Error) => error,
    )
    expect(failure?.message).toEqual(expect.any(String))
    expect(failure?.stack).not.toMatch(/Failed query|a-value/)
    await place.remove()
  })
})
