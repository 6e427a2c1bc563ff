import { expect, it } from '@jest/globals'
import { operationNames } from './operations/write-operation.ts'
import { probe } from './probe.ts'
import type { AttackedSystem } from './target/system.ts'

/** Measures an operation that takes so many milliseconds, one try after the other. Returns the names that it was sent under, too. */
async function measure(costs: number[]) {
  const names: string[] = []
  const tries = costs.values()
  const system: AttackedSystem = {
    start: async () => '',
    beginMeasuring: async () => {},
    endMeasuring: async () => ({ cpu: tries.next().value as number, memory: 0 }),
    heap: async () => 0,
    close: async () => {},
  }
  // Nobody listens there: what sending costs is made up.
  const caller = { url: 'http://127.0.0.1:1', accessToken: 'any' }
  const { cpu, attack } = await probe(system, caller, (name) => {
    names.push(name)
    const knobs = { root: 'query', transport: 'http' } as never
    return { knobs, query: `query ${name} { a }`, variables: {}, operationName: name }
  })
  return { names, cpu, sent: attack.query }
}

it('sends an operation once that costs no more than is allowed', async () => {
  expect(await measure([250])).toEqual({ names: ['A'], cpu: 250, sent: 'query A { a }' })
})

it('sends an operation that costs too much again under each name, and takes the cheapest try', async () => {
  expect(await measure([900, 400, 300, 500])).toEqual({ names: [...operationNames], cpu: 300, sent: 'query C { a }' })
  expect(await measure([900, 200])).toEqual({ names: ['A', 'B'], cpu: 200, sent: 'query B { a }' })
})
