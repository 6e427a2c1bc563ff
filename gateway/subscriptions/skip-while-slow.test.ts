import { describe, expect, it } from '@jest/globals'
import { skipWhileSlow } from './skip-while-slow.ts'

describe('a subgraph that lets the time of an event run out', () => {
  const representations = [{ id: '1' }, { id: '2' }]
  const options = (aborted: boolean) =>
    ({
      request: { variables: { representations } },
      context: { signal: aborted ? AbortSignal.abort() : new AbortController().signal },
    }) as never

  it('is left alone for a second, and its fields are errors at the path of each entity', async () => {
    let time = 0
    let asked = 0
    const source = skipWhileSlow(
      {
        async process() {
          asked += 1
          return { data: { _entities: [] } }
        },
      },
      () => time,
    )
    await source.process(options(true))
    time = 999
    const reply = await source.process(options(false))
    expect(asked).toBe(1)
    expect(reply).toMatchObject({
      data: null,
      errors: [
        { path: ['_entities', 0], extensions: { code: 'UNAVAILABLE' } },
        { path: ['_entities', 1], extensions: { code: 'UNAVAILABLE' } },
      ],
    })
    time = 1_000
    expect(await source.process(options(false))).toEqual({ data: { _entities: [] } })
    await source.process(options(false))
    expect(asked).toBe(3)
  })
})
