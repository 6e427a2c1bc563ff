import type { CheckReport } from './report.ts'
import { ways } from './target/target.ts'
import { type Fault, faults } from './verdict/faults.ts'

/** A run as a line of the file that runs are appended to. */
export type RunLine = CheckReport & { engine: string }

/** What several runs add up to, as two tables in Markdown: what was sent and found, and what was taken away. */
export function sumUp(runs: RunLine[]): string {
  const engines = [...new Set(runs.map(({ engine }) => engine))]
  const of = (engine: string) => runs.filter((run) => run.engine === engine)
  const total = (engine: string, read: (run: RunLine) => number) => of(engine).reduce((sum, run) => sum + read(run), 0)
  const row = (title: string, read: (run: RunLine) => number) => [title, ...engines.map((each) => total(each, read))]
  const counts = [
    row('runs', () => 1),
    row('minutes', ({ seconds }) => seconds / 60),
    row('sends acknowledged', ({ acknowledged }) => acknowledged),
    row('events delivered', ({ delivered }) => delivered),
    row('subscriptions resumed', ({ resumes }) => resumes),
    row('subscriptions begun anew', ({ newcomers }) => newcomers),
    row('members removed', ({ removals }) => removals),
    row('of these, told to the member', ({ removalsTold }) => removalsTold),
    row('sign-outs', ({ signOuts }) => signOuts.count),
    ...(Object.keys(faults) as Fault[]).map((fault) => row(`**${fault}**`, (run) => run.faults[fault])),
  ]
  const parts = new Set(runs.flatMap(({ kills }) => Object.keys(kills)))
  const kills = [...parts].map((part) => [
    part,
    ...ways.map((how) => runs.reduce((sum, run) => sum + (run.kills[part]?.[how] ?? 0), 0)),
  ])
  return [table(['', ...engines], counts), table(['taken away', ...ways], kills)].join('\n\n')
}

function table(head: string[], rows: (string | number)[][]): string {
  const shown = rows.map((cells) => cells.map((cell) => (typeof cell === 'string' ? cell : grouped(cell))))
  return [head, head.map(() => '---'), ...shown].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

const grouped = (count: number) => Math.round(count).toLocaleString('en-US')
