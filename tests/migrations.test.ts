import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { readMigrations } from '../platform/storage/schema/migrations.mysql.ts'
import { servedVersion } from '../platform/storage/schema/schema-version.ts'

const folderOf = (name: string) => join(import.meta.dirname, '../subgraphs', name, 'store/migrations')

it.each(['auth', 'profile'])('every migration of %s after the first says which versions it still serves', (name) => {
  const folder = folderOf(name)
  for (const file of readdirSync(folder).filter((each) => each.endsWith('.sql') && !each.startsWith('0001')))
    expect({ file, says: servedVersion(readFileSync(join(folder, file), 'utf8')) !== undefined }).toEqual({
      file,
      says: true,
    })
})

it.each(['auth', 'profile'])(
  'the migrations of %s are numbered one after the other, and serve no later version than their own',
  (name) => {
    const files = readMigrations(folderOf(name))
    expect(files.map(({ version }) => version)).toEqual(files.map((_, index) => index + 1))
    for (const { version, serves } of files) expect(serves).toBeLessThanOrEqual(version)
  },
)
