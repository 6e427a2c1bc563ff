/** A table for people. Every row has the same columns. */
export interface Table {
  title: string
  rows: Record<string, string | number>[]
}

/** The table as Markdown whose columns stand below one another. Numbers are given three digits that count. */
export function tableText({ title, rows }: Table): string {
  const [first = {}] = rows
  const names = Object.keys(first)
  const lines = [names, ...rows.map((row) => names.map((name) => cell(row[name])))]
  const widths = names.map((_, column) => Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)))
  const text = lines.map((line) => `| ${line.map((each, column) => each.padEnd(widths[column] ?? 0)).join(' | ')} |`)
  text.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  return `${title}\n\n${text.join('\n')}\n`
}

function cell(value: string | number | undefined): string {
  if (typeof value !== 'number') return value ?? ''
  if (!Number.isFinite(value)) return '–'
  if (Number.isInteger(value)) return value.toLocaleString('en')
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value.toFixed(Math.min(3, digits))
}
