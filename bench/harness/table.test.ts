import { expect, it } from '@jest/globals'
import { tableText } from './table.ts'

it('is Markdown whose columns stand below one another', () => {
  const rows = [
    { what: 'raw', deliveries: 5_000, ratio: 1 },
    { what: 'Parley', deliveries: 100, ratio: 1.0567 },
  ]
  expect(tableText({ title: 'Deliveries', rows })).toBe(
    [
      'Deliveries',
      '',
      '| what   | deliveries | ratio |',
      '|--------|------------|-------|',
      '| raw    | 5,000      | 1     |',
      '| Parley | 100        | 1.06  |',
      '',
    ].join('\n'),
  )
})

it('gives numbers three digits that count, and says when there is none', () => {
  const values = [1234.5, 123.45, 12.345, 1.2345, 0.0123, 0.00004, Number.NaN]
  const text = tableText({ title: '', rows: values.map((value) => ({ value })) })
  expect(text.match(/(?<=\| )\S+(?= +\|)/g)?.slice(1)).toEqual(['1235', '123', '12.3', '1.23', '0.012', '0.000', '–'])
})
