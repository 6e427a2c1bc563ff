import { expect, it } from '@jest/globals'
import type { AbuseReport } from './check-abuse.ts'
import { problemsIn } from './verdict.ts'

const search = { operations: 1, endings: {}, worstByCpu: undefined, worstByMemory: undefined, tooMuch: [] }
const heap = { before: 100_000_000, after: 109_000_000, rounds: [] }
const alone = { messages: 100, lost: 0, p50: 10, p99: 30 }
const sound: AbuseReport = { search, heap, bystander: { alone, flooded: { ...alone, p99: 59 }, flood: {} } }

it('finds nothing in a report of a system that withstood', () => {
  expect(problemsIn(sound)).toEqual([])
})

it.each<[string, Partial<AbuseReport>]>([
  ['for ever', { search: { ...search, tooMuch: [finding(Number.POSITIVE_INFINITY, 0)] } }],
  ['251 ms', { search: { ...search, tooMuch: [finding(251, 0)] } }],
  ['33 MB', { search: { ...search, tooMuch: [finding(1, 33_000_000)] } }],
  ['heap grew', { heap: { ...heap, after: 111_000_000 } }],
  ['grew from 30 ms to 61 ms', { bystander: { alone, flooded: { ...alone, p99: 61 }, flood: {} } }],
  [
    'lost 1 of 101 messages under the flood; the first: closed with 4429',
    { bystander: { alone, flooded: { ...alone, lost: 1, firstLoss: 'closed with 4429' }, flood: {} } },
  ],
  ['none of its messages under the flood', { bystander: { alone, flooded: { ...alone, messages: 0 }, flood: {} } }],
  [
    'lost 1 of 101 messages while alone; the first: closed with 4429',
    { bystander: { alone: { ...alone, lost: 1, firstLoss: 'closed with 4429' }, flooded: alone, flood: {} } },
  ],
  [
    'none of its messages while alone',
    { bystander: { alone: { ...alone, messages: 0, p99: Number.NaN }, flooded: alone, flood: {} } },
  ],
])('names what went wrong: %s', (words, wrong) => {
  expect(problemsIn({ ...sound, ...wrong }).join('\n')).toContain(words)
})

function finding(cpu: number, memory: number) {
  return { cpu, memory, ended: '200', bytes: 1, query: '{ a }', knobs: {} as never }
}
