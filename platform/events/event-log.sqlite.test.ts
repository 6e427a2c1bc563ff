import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { createLogger } from '../logging/logger.ts'
import { openDatabase } from '../storage/database.sqlite.ts'
import { eventLogContract } from './event-log.contract.ts'
import { openSqliteEventLog } from './event-log.sqlite.ts'
import type { EventLog, LogEvent } from './event-log.ts'

const logger = createLogger('test', 'silent')
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-events-'))
})
afterAll(() => rm(folder, { recursive: true }))

eventLogContract('SQLite', async (name, watch) => openSqliteEventLog({ file: join(folder, `${name}.db`), ...watch }))

it('tells of a consumer that has been at one batch for too long that it does not work', async () => {
  const log = openSqliteEventLog({ file: join(folder, 'stuck.db'), logger })
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const handle = () => {
    begun.resolve()
    return gate.promise
  }
  const consumer = await log.consume({ topic: 'topic', group: 'group', handle })
  await log.append('topic', [{ key: 'k', value: 'v' }])
  await begun.promise
  expect(consumer.works()).toBe(true)
  const began = performance.now()
  const clock = jest.spyOn(performance, 'now').mockReturnValue(began + 10_100)
  expect(consumer.works()).toBe(false)
  clock.mockRestore()
  gate.resolve()
  await log.close()
})

describe('dead letters', () => {
  let log: EventLog
  let database: DatabaseSync
  afterEach(async () => {
    await log.close()
    database.close()
  })

  it('are durable before the place of their group moves on', async () => {
    const file = join(folder, 'dead.db')
    const failed = Promise.withResolvers<void>()
    const quiet = () => {}
    log = openSqliteEventLog({
      file,
      logger: { debug: quiet, info: quiet, warn: quiet, error: () => failed.resolve() },
    })
    database = openDatabase(file)
    database.exec(`CREATE TRIGGER full BEFORE INSERT ON log_events WHEN NEW.topic = 'topic.dead'
      BEGIN SELECT RAISE(ABORT, 'no room'); END`)
    await log.append('topic', [{ key: 'k', value: 'unreadable' }])
    await log.consume({
      topic: 'topic',
      group: 'readers',
      parse: () => {
        throw new Error('never')
      },
      handle: async () => {},
    })
    await failed.promise
    const place = () => database.prepare(`SELECT position FROM log_offsets WHERE topic = 'topic'`).get()
    expect(place()).toEqual({ position: 0 })
    database.exec('DROP TRIGGER full')
    const buried = Promise.withResolvers<LogEvent[]>()
    await log.consume({ topic: 'topic.dead', group: 'readers', handle: async (events) => buried.resolve(events) })
    expect(await buried.promise).toMatchObject([{ key: 'k' }])
    expect(place()).toEqual({ position: 1 })
  })
})

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
