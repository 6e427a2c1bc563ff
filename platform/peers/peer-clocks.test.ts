import { expect, it, jest } from '@jest/globals'
import type { Logger } from '../logging/logger.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { createPeerClocks } from './peer-clocks.ts'

function open() {
  const logged: string[] = []
  const log = (level: string) => (_: unknown, message: string) => void logged.push(`${level}: ${message}`)
  const logger = { info: log('info'), warn: log('warn'), error: log('error') } as unknown as Logger
  const now = jest.fn(() => 0)
  const metrics = createMetrics('chat')
  return { clocks: createPeerClocks({ name: 'chat', logger, metrics, now }), logged, now, metrics }
}

it('a difference is logged once with its size and direction, each change of it, and its end', async () => {
  const { clocks, logged, metrics } = open()
  for (const ahead of [0.4, -1.9, 3, 3.4, 2.7, -29, -29.2, -45, -45.1, 0.3, 0.1]) clocks.measured('auth', ahead)
  expect(logged).toEqual([
    'warn: the clock of auth is 3 s ahead of the clock of chat; up to 30 s is tolerated',
    'warn: the clock of auth is 29 s behind the clock of chat; up to 30 s is tolerated',
    'error: the clock of auth is 45 s behind the clock of chat: they refuse each other beyond 30 s. Synchronise both clocks',
    'info: the clocks of auth and chat agree again',
  ])
  expect(await metrics.text()).toContain('parley_clock_skew_seconds{peer="auth",service="chat"} 0.1')
})

it('a message that was long on its way is not taken for a clock that is behind', () => {
  const { clocks, logged, now } = open()
  for (const [at, ahead] of [
    [0, -8],
    [1_000, -0.1],
    [6_000, -4],
    [9_000, -0.2],
    [12_000, -9],
  ] as const) {
    now.mockReturnValue(at)
    clocks.seen('gateway', ahead)
  }
  expect(logged).toEqual([])
})

it('names that come and go do not add up', async () => {
  const { clocks, metrics } = open()
  for (let index = 0; index < 1_000; index += 1) clocks.measured(`gateway ${index}`, 0)
  expect((await metrics.text()).match(/^parley_clock_skew_seconds\{/gm)).toHaveLength(200)
})

it('what comes after a silence is not taken for a clock that is behind before more has come', async () => {
  const { clocks, logged, now, metrics } = open()
  for (const [at, ahead] of [
    [0, -0.1],
    [10_000, -10],
    [10_100, -9],
    [12_000, -0.1],
    [14_000, -6],
    [15_100, -0.2],
  ] as const) {
    now.mockReturnValue(at)
    clocks.seen('gateway', ahead)
    expect(await metrics.text()).toMatch(/parley_clock_skew_seconds\{peer="gateway",service="chat"\} (0|-0.1)\n/)
  }
  expect(logged).toEqual([])
})

it('the series of a process ends three minutes after it was last heard of', async () => {
  const { clocks, now, metrics } = open()
  clocks.measured('auth', -40)
  clocks.seen('gateway, pid 1', 0)
  now.mockReturnValue(100_000)
  clocks.measured('profile', 0)
  now.mockReturnValue(180_000)
  expect((await metrics.text()).match(/^parley_clock_skew_seconds\{/gm)).toHaveLength(3)
  now.mockReturnValue(180_001)
  expect((await metrics.text()).match(/^parley_clock_skew_seconds\{.*/gm)).toEqual([
    'parley_clock_skew_seconds{peer="profile",service="chat"} 0',
  ])
})
