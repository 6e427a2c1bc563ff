import { describe, expect, it } from '@jest/globals'
import { unavailable } from '../errors/app-error.ts'
import { createLogger, type Logger } from '../logging/logger.ts'
import { repeat } from './repeat.ts'

const logger = createLogger('auth', 'silent')

describe('repeat', () => {
  it('runs at once, and again until it is closed', async () => {
    let runs = 0
    const third = Promise.withResolvers<void>()
    const task = async () => {
      runs += 1
      if (runs === 3) third.resolve()
    }
    const repeating = await repeat({ name: 'count', task, every: 1, logger })
    expect(runs).toBeGreaterThanOrEqual(1)
    await third.promise
    await repeating.close()
  })

  it('goes on after a failure', async () => {
    let runs = 0
    const second = Promise.withResolvers<void>()
    const task = async () => {
      runs += 1
      if (runs === 1) throw new Error('the first run fails')
      second.resolve()
    }
    const repeating = await repeat({ name: 'fail', task, every: 3_600_000, logger })
    await second.promise
    await repeating.close()
  })

  it('waits for the running one when it is closed', async () => {
    const [started, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let runs = 0
    let finished = 0
    const task = async () => {
      runs += 1
      if (runs === 1) return
      started.resolve()
      await release.promise
      finished += 1
    }
    const repeating = await repeat({ name: 'slow', task, every: 1, logger })
    await started.promise
    const closing = Promise.resolve(repeating.close())
    release.resolve()
    await closing
    expect([runs, finished]).toEqual([2, 1])
  })

  it('tells once that a part is away and once that it is back, and every other failure with its error', async () => {
    const lines: string[] = []
    const note = (level: string) => (fields: { reason?: string; err?: Error }) =>
      void lines.push(`${level} ${fields.reason ?? fields.err?.message ?? 'works'}`)
    const noting = { info: note('info'), warn: note('warn'), error: note('error') } as unknown as Logger
    const away = Object.assign(unavailable('Try again.'), { cause: new Error('ECONNREFUSED') })
    const outcomes = [away, away, new Error('a bug'), undefined]
    const done = Promise.withResolvers<void>()
    const task = async () => {
      const outcome = outcomes.shift()
      if (outcome) throw outcome
      done.resolve()
    }
    const repeating = await repeat({ name: 'ask', task, every: 3_600_000, logger: noting })
    await done.promise
    await repeating.close()
    expect(lines).toEqual(['warn ECONNREFUSED', 'error a bug', 'info works'])
  }, 30_000)
})
