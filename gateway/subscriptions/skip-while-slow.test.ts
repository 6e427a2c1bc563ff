import { beforeEach, describe, expect, it } from '@jest/globals'
import { skipWhileSlow } from './skip-while-slow.ts'

interface Call {
  signal: AbortSignal
  answer(reply: object): void
}

describe('a subgraph that may let the time of an event run out', () => {
  const answered = { data: { _entities: [] } }
  const isAway = {
    data: null,
    errors: [
      { path: ['_entities', 0], extensions: { code: 'UNAVAILABLE' } },
      { path: ['_entities', 1], extensions: { code: 'UNAVAILABLE' } },
    ],
  }
  let time: number
  let calls: Call[]
  let source: ReturnType<typeof skipWhileSlow>
  const ask = () => source.process({ request: { variables: { representations: [{}, {}] } }, context: {} } as never)
  /** Waits until so many calls have been made. */
  const called = async (count: number) => {
    while (calls.length < count) await new Promise(setImmediate)
  }
  const answerAnother = async () => {
    const before = calls.length
    const reply = ask()
    calls[before]?.answer(answered)
    await reply
    await new Promise(setImmediate)
  }

  beforeEach(() => {
    time = 0
    calls = []
    const subgraph = {
      process: ({ context }: { context: { signal: AbortSignal } }) =>
        new Promise((resolve) => calls.push({ signal: context.signal, answer: resolve })),
    }
    source = skipWhileSlow(subgraph as never, 5, () => time)
  })

  it('is asked once more beside that, and whichever answers first counts', async () => {
    for (const first of [0, 1]) {
      calls = []
      const reply = ask()
      await called(2)
      calls[first]?.answer(answered)
      expect(await reply).toEqual(answered)
      expect(calls[1 - first]?.signal.aborted).toBe(true)
    }
  })

  it('may refuse one of the two', async () => {
    const reply = ask()
    await called(2)
    calls[0]?.answer({ data: null, errors: [] })
    calls[1]?.answer(answered)
    expect(await reply).toEqual(answered)
  })

  it('is taken at its word when it refuses', async () => {
    const reply = ask()
    calls[0]?.answer({ data: null, errors: [] })
    expect(await reply).toEqual({ data: null, errors: [] })
    expect(calls).toHaveLength(1)
  })

  it('is then left alone for a second, and its fields are errors at the path of each entity', async () => {
    expect(await ask()).toMatchObject(isAway)
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, true])
    time = 999
    expect(await ask()).toMatchObject(isAway)
    expect(calls).toHaveLength(2)
    time = 1_000
    const reply = ask()
    calls[2]?.answer(answered)
    expect(await reply).toEqual(answered)
  })

  it('is waited for as long as it answers others', async () => {
    const slow = ask()
    let isOver = false
    void slow.then(() => {
      isOver = true
    })
    await called(2)
    // Long enough for several times its patience; a pause of this process only makes them fewer.
    for (const began = performance.now(); performance.now() < began + 25; ) await answerAnother()
    expect(isOver).toBe(false)
    calls[0]?.answer(answered)
    expect(await slow).toEqual(answered)
  })

  it('is not waited for for ever', async () => {
    const slow = ask()
    let isOver = false
    void slow.then(() => {
      isOver = true
    })
    while (!isOver) await answerAnother()
    expect(await slow).toMatchObject(isAway)
  })
})
