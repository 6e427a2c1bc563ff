import { beforeEach, describe, expect, it } from '@jest/globals'
import { skipWhileSlow } from './skip-while-slow.ts'

describe('a subgraph that may let the time of an event run out', () => {
  const answered = { data: { _entities: [] } }
  let time: number
  /** How many of the next calls are never answered. */
  let slow: number
  let asked: number
  let source: ReturnType<typeof skipWhileSlow>
  const ask = () => source.process({ request: { variables: { representations: [{}, {}] } }, context: {} } as never)

  beforeEach(() => {
    time = 0
    slow = 0
    asked = 0
    const subgraph = {
      process: async ({ context }: { context: { signal: AbortSignal } }) => {
        asked += 1
        if (asked > slow) return answered
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve))
        return { data: null }
      },
    }
    source = skipWhileSlow(subgraph as never, 5, () => time)
  })

  it('is asked once more: it may have been this process that paused', async () => {
    slow = 1
    expect(await ask()).toEqual(answered)
    expect(asked).toBe(2)
  })

  it('is then left alone for a second, and its fields are errors at the path of each entity', async () => {
    slow = 2
    expect(await ask()).toEqual({ data: null })
    time = 999
    expect(await ask()).toMatchObject({
      data: null,
      errors: [
        { path: ['_entities', 0], extensions: { code: 'UNAVAILABLE' } },
        { path: ['_entities', 1], extensions: { code: 'UNAVAILABLE' } },
      ],
    })
    expect(asked).toBe(2)
    time = 1_000
    expect(await ask()).toEqual(answered)
    expect(await ask()).toEqual(answered)
  })
})
