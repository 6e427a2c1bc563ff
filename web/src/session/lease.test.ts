import { beforeEach, describe, expect, it } from '@jest/globals'
import { type LeaseParts, withLease } from './lease.ts'

/** Tabs that share a storage and a clock, which goes on when all of them wait. */
function createBrowser() {
  const stored = new Map<string, string>()
  let time = 1_000_000
  const waiting: { at: number; wake: () => void }[] = []
  const parts: LeaseParts = {
    storage: {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, value) => void stored.set(key, value),
      removeItem: (key) => void stored.delete(key),
    },
    now: () => time,
    pause: (milliseconds) => new Promise((wake) => waiting.push({ at: time + milliseconds, wake })),
  }
  const goOn = async (done: () => boolean) => {
    while (!done()) {
      await new Promise(setImmediate)
      waiting.sort((a, b) => a.at - b.at)
      const next = waiting.shift()
      if (!next) continue
      time = Math.max(time, next.at)
      next.wake()
    }
  }
  return { parts, stored, goOn, now: () => time }
}

describe('a lease', () => {
  let browser: ReturnType<typeof createBrowser>
  beforeEach(() => {
    browser = createBrowser()
  })

  it('is held by one of six tabs at a time, and each has its turn', async () => {
    let holders = 0
    let turns = 0
    const tabs = Array.from({ length: 6 }, () =>
      withLease(
        'name',
        20_000,
        async () => {
          holders += 1
          expect(holders).toBe(1)
          await browser.parts.pause(200)
          holders -= 1
          turns += 1
        },
        browser.parts,
      ),
    )
    await browser.goOn(() => turns === 6)
    await Promise.all(tabs)
    expect(browser.stored.size).toBe(0)
  })

  it('of a tab that was closed ends by itself', async () => {
    browser.stored.set('name', JSON.stringify({ holder: 'closed', until: browser.now() + 4_000 }))
    const began = browser.now()
    let begun: number | undefined
    const turn = withLease(
      'name',
      20_000,
      async () => {
        begun = browser.now()
      },
      browser.parts,
    )
    await browser.goOn(() => begun !== undefined)
    await turn
    expect(Number(begun) - began).toBeGreaterThanOrEqual(4_000)
  })

  it('of another time does not hold anybody up', async () => {
    browser.stored.set(
      'name',
      JSON.stringify({ holder: 'before the clock was set', until: browser.now() + 86_400_000 }),
    )
    let isDone = false
    const turn = withLease(
      'name',
      20_000,
      async () => {
        isDone = true
      },
      browser.parts,
    )
    await browser.goOn(() => isDone)
    await turn
  })

  it('that cannot be had does not keep the work from being done', async () => {
    const forbidden = () => {
      throw new Error('not allowed')
    }
    const storage = { getItem: forbidden, setItem: forbidden, removeItem: forbidden }
    let isDone = false
    const turn = withLease(
      'name',
      500,
      async () => {
        isDone = true
      },
      { ...browser.parts, storage },
    )
    await browser.goOn(() => isDone)
    await turn
  })

  it('is given back when the work fails', async () => {
    let failure: unknown
    const turn = withLease('name', 20_000, () => Promise.reject(new Error('no answer')), browser.parts).catch(
      (error) => {
        failure = error
      },
    )
    await browser.goOn(() => failure !== undefined)
    await turn
    expect(browser.stored.size).toBe(0)
  })
})
