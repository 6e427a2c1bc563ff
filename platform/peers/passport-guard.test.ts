import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
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
  let paused: number
  const seen: number[] = []

  beforeEach(() => {
    logged = []
    now = 0
    paused = 0
    metrics = createMetrics('chat')
    const log = (_: unknown, message: string) => void logged.push(message)
    const logger = { error: log, info: log } as unknown as Logger
    const clocks = { seen: (_: string, ahead: number) => void seen.push(ahead), measured: () => {}, forget: () => {} }
    guard = createPassportGuard({
      name: 'chat',
      passports: good,
      clocks,
      pauses: { lately: () => paused },
      logger,
      metrics,
      now: () => now,
    })
  })

  afterEach(() => void jest.restoreAllMocks())

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

  it('does not take a right request for the end of wrong ones to the same address, and says where those are made out to', () => {
    for (let times = 0; times < 10; times += 1) {
      guard.refuses('chat', other.issue('auth', ''), '')
      guard.refuses('chat', other.issue('chat', ''), '')
    }
    expect(logged).toEqual([
      expect.stringContaining('is made out to another subgraph (auth): do SUBGRAPHS and AUTH_URLS'),
    ])
    now = 61_000
    guard.refuses('chat', other.issue('auth', ''), '')
    expect(logged).toHaveLength(2)
  })

  it('refuses what waited while it did not run, and blames no clock, up to the length of the pause', async () => {
    const made = Date.now()
    const passport = other.issue('chat', '')
    const refusals = [0, 20, 39, 41, 88, 91].map((age) => {
      jest.spyOn(Date, 'now').mockReturnValue(made + age * 1_000)
      return guard.refuses('chat', passport, '')
    })
    expect(refusals).toEqual([undefined, undefined, undefined, 'clock', 'clock', 'clock'])
    logged.length = 0
    paused = 50
    seen.length = 0
    const afterPause = [0, 20, 39, 41, 88, 91].map((age) => {
      jest.spyOn(Date, 'now').mockReturnValue(made + age * 1_000)
      return guard.refuses('chat', passport, '')
    })
    expect(afterPause).toEqual([undefined, undefined, undefined, 'late', 'late', 'clock'])
    expect(seen).toEqual([])
    expect(await metrics.text()).toContain('parley_passport_refusals_total{reason="late",service="chat"} 2')
    // A clock that is ahead is no matter of waiting.
    jest.spyOn(Date, 'now').mockReturnValue(made - 40_000)
    expect(guard.refuses('chat', passport, '')).toBe('clock')
  })

  it('logs again what comes again after it was mended', () => {
    guard.refuses('chat', other.issue('chat', 'x'), 'y')
    guard.refuses('chat', other.issue('chat', ''), '')
    guard.refuses('chat', other.issue('chat', 'x'), 'y')
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
