import { describe, expect, it } from '@jest/globals'
import { checkDelivery } from './check-delivery.ts'
import type { CheckSettings } from './options/settings.ts'
import { isKept } from './report.ts'
import { openEmbeddedTarget } from './target/embedded-target.ts'
import type { Part, Target } from './target/target.ts'

/** It would last for longer than a test may, and wait for longer than that. */
const endless: Partial<CheckSettings> = {
  seconds: 3_600,
  patience: 3_600_000,
  rooms: 1,
  readers: 1,
  writers: 1,
  rest: [0, 0],
}

/** Runs the checker; as soon as everybody writes, this happens. It is given the target, and what stops the run. */
async function checkUntil(
  happens: (target: Target, stop: () => void) => Promise<void> | void,
  more: (stop: () => void) => Partial<Target> = () => ({}),
) {
  const target = await openEmbeddedTarget()
  let stopRun = () => {}
  const stop = () => stopRun()
  const part: Part = {
    name: 'process',
    async strike() {
      await happens(target, stop)
      return { what: 'the process', how: 'killed' }
    },
  }
  try {
    return await checkDelivery({
      ...endless,
      target: { ...target, parts: [part], ...more(stop) },
      onStoppable: (given) => {
        stopRun = given
      },
    })
  } finally {
    await target.stop()
  }
}

describe('a run that is stopped', () => {
  it('ends when everything has come, and is judged', async () => {
    const report = await checkUntil((_, stop) => stop())
    expect({ kept: isKept(report), ...report }).toMatchObject({ kept: true, examples: [] })
    expect(report.acknowledged).toBeGreaterThan(0)
  }, 60_000)

  it('ends when it is stopped again, though nothing can come any more', async () => {
    const report = await checkUntil(async (target, stop) => {
      // Nobody starts the process again: whatever is under way would be tried for an hour.
      await target.stop()
      stop()
      stop()
    })
    expect(report).toMatchObject({ isSettled: false, kills: { process: { killed: 1 } } })
  }, 60_000)

  it('is not settled, and blames nothing, when it is stopped again before the topic was read', async () => {
    const readTopic = (stop: () => void) => async () => {
      stop()
      return async () => {}
    }
    const report = await checkUntil(
      (_, stop) => stop(),
      (stop) => ({ readTopic: readTopic(stop) }),
    )
    expect(report).toMatchObject({ isSettled: false, examples: [] })
  }, 60_000)
})
