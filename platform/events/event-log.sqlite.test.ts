import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createLogger } from '../logging/logger.ts'
import { openDatabase } from '../storage/database.sqlite.ts'
import { eventLogContract } from './event-log.contract.ts'
import { openSqliteEventLog } from './event-log.sqlite.ts'

const logger = createLogger('test', 'silent')
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-events-'))
})
afterAll(() => rm(folder, { recursive: true }))

eventLogContract('SQLite', async (name) => openSqliteEventLog({ file: join(folder, `${name}.db`), logger }))

describe('retention', () => {
  it('deletes, at opening, old events that every group has handled, and no others', async () => {
    const file = join(folder, 'retention.db')
    const append = async (...values: string[]) => {
      const log = openSqliteEventLog({ file, logger })
      await log.append(
        'topic',
        values.map((value) => ({ key: 'k', value })),
      )
      await log.close()
    }
    const consume = async (group: string, last: string) => {
      const log = openSqliteEventLog({ file, logger })
      const { promise, resolve } = Promise.withResolvers<void>()
      await log.consume({
        topic: 'topic',
        group,
        handle: async (events) => (events.at(-1)?.value === last ? resolve() : undefined),
      })
      await promise
      await log.close()
    }
    await append('a', 'b')
    await consume('fast', 'b')
    await consume('slow', 'b')
    await append('c')
    await consume('fast', 'c')
    // Nothing is younger than this retention.
    await openSqliteEventLog({ file, logger, retention: -1 }).close()
    const database = openDatabase(file)
    expect(database.prepare('SELECT value FROM log_events').all()).toMatchObject([{ value: 'c' }])
    database.close()
  })
})
