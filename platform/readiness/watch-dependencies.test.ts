import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import type { Logger } from '../logging/logger.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { watchDependencies } from './watch-dependencies.ts'

const quiet = { info() {}, warn() {} } as unknown as Logger

async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + 5_000; !holds(); await pause(5)) {
    if (performance.now() > end) throw new Error('It did not come')
  }
}

it('a dependency is missing while it does not answer, says no, or fails; and each change is logged once', async () => {
  const logged: string[] = []
  const log = (_: unknown, message: string) => void logged.push(message)
  let answer: () => Promise<boolean> = async () => true
  const watch = await watchDependencies({
    dependencies: { store: () => answer(), other: async () => true },
    logger: { info: log, warn: log } as unknown as Logger,
    every: 5,
    deadline: 20,
  })
  expect(watch.missing()).toEqual([])
  for (const bad of [async () => false, () => Promise.reject(new Error('x')), () => pause(100, true)]) {
    answer = bad
    await until(() => watch.missing().join() === 'store')
    answer = async () => true
    await until(() => watch.missing().length === 0)
  }
  expect(logged).toEqual(
    Array(3).fill(['store: not available, so this process is not ready', 'store: available']).flat(),
  )
  await watch.close()
})

it('a dependency that hangs is asked one question at a time', async () => {
  const { promise: never, resolve: answer } = Promise.withResolvers<boolean>()
  let asked = 0
  const ask = () => {
    asked += 1
    return asked === 1 ? never : Promise.resolve(true)
  }
  const watch = await watchDependencies({ dependencies: { store: ask }, logger: quiet, every: 1, deadline: 5 })
  await pause(50)
  expect({ asked, missing: watch.missing() }).toEqual({ asked: 1, missing: ['store'] })
  answer(true)
  await until(() => watch.missing().length === 0)
  await watch.close()
})

it('what was known long ago counts as not known', async () => {
  let now = 0
  const metrics = createMetrics('chat')
  const watch = await watchDependencies({
    dependencies: { store: async () => true },
    logger: quiet,
    metrics,
    every: 60_000,
    now: () => now,
  })
  expect(watch.missing()).toEqual([])
  now = 10_001
  expect(watch.missing()).toEqual(['store'])
  expect(await metrics.text()).toContain('parley_dependency_ready{dependency="store",service="chat"} 0')
  await watch.close()
})
