import { readFileSync } from 'node:fs'
import { sumUp } from '../../tests/delivery/sum-up.ts'
import { faults } from '../../tests/delivery/verdict/faults.ts'

export function faultTable(): string {
  const rows = Object.entries(faults).map(([fault, meaning]) => `| \`${fault}\` | ${meaning} |`)
  return ['| it counts | what that is |', '|---|---|', ...rows].join('\n')
}

/** What the long runs add up to, whose results are kept beside the page. */
export function longRunTables(): string {
  const lines = readFileSync(new URL('../../docs/reliability-runs.jsonl', import.meta.url), 'utf8').split('\n')
  return sumUp(lines.filter(Boolean).map((line) => JSON.parse(line)))
}
