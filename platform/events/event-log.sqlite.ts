import { setTimeout as pause } from 'node:timers/promises'
import { awayReason } from '../errors/away.ts'
import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { migrate, openDatabase, transaction } from '../storage/database.sqlite.ts'
import { type ConsumeOptions, type Consumer, type EventLog, type LogEvent, stuckAfter } from './event-log.ts'
import { createDeadLetterReport, deadLettersOf, readEvents } from './event-log-dead-letters.ts'

const steps = [
  `CREATE TABLE log_events (
     position INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, at INTEGER NOT NULL);
   CREATE INDEX log_events_by_topic ON log_events (topic, position);
   CREATE TABLE log_offsets (
     topic TEXT NOT NULL, consumer_group TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (topic, consumer_group));`,
]

export interface SqliteEventLogOptions {
  file: string
  logger: Logger
  metrics?: Metrics
  /** Events that every group has handled are deleted after this many milliseconds. */
  retention?: number
}

/** An `EventLog` in a file, for the consumers of this process. */
export function openSqliteEventLog(options: SqliteEventLogOptions): EventLog {
  const { file, logger, metrics, retention = 24 * 3_600_000 } = options
  const database = openDatabase(file)
  migrate(database, 'event-log', steps)
  const insert = database.prepare('INSERT INTO log_events (topic, key, value, at) VALUES (?, ?, ?, ?)')
  const next = database.prepare(
    'SELECT position, key, value FROM log_events WHERE topic = ? AND position > ? ORDER BY position LIMIT ?',
  )
  const offset = database.prepare('SELECT position FROM log_offsets WHERE topic = ? AND consumer_group = ?')
  const commit = database.prepare(
    `INSERT INTO log_offsets VALUES (?, ?, ?)
     ON CONFLICT (topic, consumer_group) DO UPDATE SET position = excluded.position`,
  )
  const trim = database.prepare(
    `DELETE FROM log_events WHERE at < ?
     AND position <= (SELECT min(position) FROM log_offsets WHERE log_offsets.topic = log_events.topic)`,
  )
  const consumers = new Set<Consumer>()
  const wakers = new Set<() => void>()
  const reportDead = createDeadLetterReport({ logger, metrics })
  const insertAll = (topic: string, events: LogEvent[]) => {
    const at = Date.now()
    for (const { key, value } of events) insert.run(topic, key, value, at)
  }
  const wakeAll = () => {
    for (const wake of wakers) wake()
  }
  const trimOld = () => {
    try {
      trim.run(Date.now() - retention)
    } catch (error) {
      logger.warn({ err: error }, 'old events could not be removed; that is tried again')
    }
  }
  trimOld()
  const trimming = setInterval(trimOld, 600_000).unref()

  const consume = async <T>({ topic, group, batch = 200, parse, handle }: ConsumeOptions<T>): Promise<Consumer> => {
    const stopped = new AbortController()
    let wake = () => {}
    const waker = () => wake()
    wakers.add(waker)
    let position = Number(offset.get(topic, group)?.position ?? 0)
    commit.run(topic, group, position)
    let workingSince = Number.POSITIVE_INFINITY

    const loop = async () => {
      for (let failures = 0; !stopped.signal.aborted; ) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve
        })
        try {
          const rows = next.all(topic, position, batch)
          if (rows.length === 0) {
            workingSince = Number.POSITIVE_INFINITY
            await woken
            continue
          }
          if (failures === 0) workingSince = performance.now()
          const events = rows.map(({ key, value }) => ({ key: String(key), value: String(value) }))
          const { understood, dead } = readEvents(events, { group, parse })
          if (understood.length > 0) await handle(understood)
          const last = Number(rows.at(-1)?.position)
          transaction(database, () => {
            insertAll(
              deadLettersOf(topic),
              dead.map(({ letter }) => letter),
            )
            commit.run(topic, group, last)
          })
          position = last
          failures = 0
          reportDead(topic, group, dead)
          if (dead.length > 0) wakeAll()
        } catch (error) {
          failures += 1
          const reason = awayReason(error)
          if (reason === undefined)
            logger.error({ err: error, topic, group, failures }, 'an event handler failed; its events come again')
          else if (failures === 1)
            logger.warn({ reason, topic, group }, 'events wait for a part that is away; they come again')
          const longest = Math.min(5_000, 50 * 2 ** failures)
          await pause(longest * (0.5 + Math.random() / 2), undefined, { signal: stopped.signal }).catch(() => {})
        }
      }
    }
    const running = loop()
    const consumer: Consumer = {
      works: () => !stopped.signal.aborted && performance.now() - workingSince < stuckAfter,
      async close() {
        stopped.abort()
        wake()
        wakers.delete(waker)
        consumers.delete(consumer)
        await running
      },
    }
    consumers.add(consumer)
    return consumer
  }

  return {
    async append(topic, events) {
      transaction(database, () => insertAll(topic, events))
      wakeAll()
    },
    consume,
    async close() {
      clearInterval(trimming)
      await Promise.all([...consumers].map((consumer) => consumer.close()))
      if (database.isOpen) database.close()
    },
  }
}
