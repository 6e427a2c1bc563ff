import { beforeEach, describe, expect, it } from '@jest/globals'
import { createPassports } from '../identity/passport.ts'
import type { Logger } from '../logging/logger.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { createPassportGuard, type PassportGuard } from './passport-guard.ts'

const key = 'a key of thirty-two characters, or more'
const good = createPassports([key], 'gateway A')
const other = createPassports([key], 'gateway B')
const foreign = createPassports(['some other key of thirty-two characters'], 'gateway C')

describe('a guard', () => {
  let guard: PassportGuard
  let logged: string[]
  let now: number
  let metrics = createMetrics('chat')

  beforeEach(() => {
    logged = []
    now = 0
    metrics = createMetrics('chat')
    const log = (_: unknown, message: string) => void logged.push(message)
    const logger = { error: log, info: log } as unknown as Logger
    const clocks = { seen: () => {}, measured: () => {}, forget: () => {} }
    guard = createPassportGuard({ name: 'chat', passports: good, clocks, logger, metrics, now: () => now })
  })

  it('counts every refusal by its reason, and logs the first of each caller', async () => {
    const wrong = other.issue('profile', '')
    for (let times = 0; times < 3; times += 1) {
      expect(guard.refuses('chat', wrong, '')).toBe('audience')
      expect(guard.refuses('chat', foreign.issue('chat', ''), '')).toBe('key')
      expect(guard.refuses('chat', undefined, '')).toBe('missing')
      expect(guard.refuses('chat', good.issue('chat', 'x'), 'y')).toBe('body')
    }
    expect(logged).toHaveLength(3)
    expect(logged[0]).toContain('chat refuses the requests of gateway B: its passport is made out to another subgraph')
    const text = await metrics.text()
    for (const reason of ['audience', 'key', 'missing', 'body'])
      expect(text).toContain(`parley_passport_refusals_total{reason="${reason}",service="chat"} 3`)
  })

  it('logs again what comes again after it was mended', () => {
    guard.refuses('chat', other.issue('profile', ''), '')
    guard.refuses('chat', other.issue('chat', ''), '')
    guard.refuses('chat', other.issue('profile', ''), '')
    expect(logged.map((line) => line.split(' the requests')[0])).toEqual([
      'chat refuses',
      'chat accepts',
      'chat refuses',
    ])
  })

  it('is not ready while it refuses everybody, and is while it takes the requests of one', () => {
    expect(guard.missing()).toEqual([])
    guard.refuses('chat', foreign.issue('chat', ''), '')
    expect(guard.missing()).toEqual(['whoever calls it: their passports are refused (key)'])
    guard.refuses('chat', good.issue('chat', ''), '')
    expect(guard.missing()).toEqual([])
    now = 11_000
    guard.refuses('chat', foreign.issue('chat', ''), '')
    expect(guard.missing()).toHaveLength(1)
  })

  it('accepts a caller only once its body is found to be the one that the passport was made for', () => {
    const other = createPassports([key], 'gateway B')
    const passport = other.issue('chat', 'body')
    now = 11_000
    for (const wrong of ['b', 'c']) {
      const head = guard.checkHead('chat', passport)
      expect(head.refusal).toBeUndefined()
      expect(guard.refusesBody(head, passport, wrong)).toBe(true)
    }
    expect(logged).toHaveLength(1)
    expect(logged[0]).toContain('chat refuses the requests of gateway B: its passport was made for another body')
    expect(guard.missing()).toEqual(['whoever calls it: their passports are refused (body)'])
    expect(guard.refusesBody(guard.checkHead('chat', passport), passport, 'body')).toBe(false)
    expect(logged[1]).toContain('chat accepts the requests of gateway B again')
    expect(guard.missing()).toEqual([])
  })

  it.each([undefined, '', 'x', 'a.b.c'])('stays ready however often somebody knocks with %j', (passport) => {
    for (let times = 0; times < 100; times += 1) guard.refuses('chat', passport, '')
    expect(guard.missing()).toEqual([])
    expect(logged.length).toBeLessThan(2)
  })
})
