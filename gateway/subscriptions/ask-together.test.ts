import { beforeEach, describe, expect, it } from '@jest/globals'
import { askTogether } from './ask-together.ts'

describe('what several events ask of a subgraph at once', () => {
  let asked: { id: string; answer(name: string): void; fail(): void }[]
  let source: ReturnType<typeof askTogether>
  beforeEach(() => {
    asked = []
    source = askTogether({
      process: ({ request }: { request: { variables: { id: string } } }) =>
        new Promise((resolve, reject) => {
          const answer = (name: string) => resolve({ data: { user: { name } } })
          asked.push({ id: request.variables.id, answer, fail: () => reject(new Error('away')) })
        }),
    } as never)
  })
  const ask = (id: string, context: object = { viewer: 'everyone' }) =>
    source.process({ request: { query: '{ user }', variables: { id } }, context } as never)
  const turn = () => new Promise(setImmediate)

  it('is asked once for those who come meanwhile, after they came', async () => {
    const first = ask('ann')
    const others = [ask('ann'), ask('ann')]
    expect(asked).toHaveLength(1)
    asked[0]?.answer('Ann')
    expect(await first).toEqual({ data: { user: { name: 'Ann' } } })
    await turn()
    expect(asked).toHaveLength(2)
    asked[1]?.answer('Anna')
    expect(await Promise.all(others)).toEqual([
      { data: { user: { name: 'Anna' } } },
      { data: { user: { name: 'Anna' } } },
    ])
    void ask('ann')
    expect(asked).toHaveLength(3)
  })

  it('is given to each as their own', async () => {
    void ask('ann')
    const others = [ask('ann'), ask('ann')]
    asked[0]?.answer('Ann')
    await turn()
    asked[1]?.answer('Ann')
    const [one, other] = await Promise.all(others)
    expect(one?.data).not.toBe(other?.data)
  })

  it('is asked for each that is another question, or depends on who asks', async () => {
    for (const context of [
      { viewer: 'everyone' },
      { authorization: 'Bearer ann' },
      { authorization: 'Bearer ann' },
      {},
    ])
      void ask('ann', context)
    void ask('ben')
    expect(asked.map(({ id }) => id)).toEqual(['ann', 'ann', 'ann', 'ann', 'ben'])
  })

  it('is asked again after a failure, which only those hear of who asked for it', async () => {
    const first = ask('ann')
    const second = ask('ann')
    asked[0]?.fail()
    await expect(first).rejects.toThrow('away')
    await turn()
    asked[1]?.answer('Ann')
    expect(await second).toEqual({ data: { user: { name: 'Ann' } } })
    const third = ask('ann')
    asked[2]?.fail()
    await expect(third).rejects.toThrow('away')
  })
})
