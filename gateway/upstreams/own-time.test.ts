import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { ownTimeout } from './own-time.ts'

const holdUp = (milliseconds: number) => {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

describe('own time', () => {
  it('ends', async () => {
    const { signal } = ownTimeout(100)
    await once(signal, 'abort')
  })

  it('does not end once it was cleared', async () => {
    const cleared = ownTimeout(50)
    cleared.clear()
    const { signal } = ownTimeout(100)
    await once(signal, 'abort')
    expect(cleared.signal.aborted).toBe(false)
  })

  it('counts a time in which the process did not run as one step', async () => {
    const { signal, clear } = ownTimeout(500)
    for (let count = 0; count < 3; count += 1) {
      holdUp(600)
      await turn()
      await turn()
    }
    expect(signal.aborted).toBe(false)
    clear()
  })
})
