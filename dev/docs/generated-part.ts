/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. Throws when the text has no such place. */
export function withGenerated(text: string, name: string, generated: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`There is no place for "${name}"`)
  return `${text.slice(0, from + start.length)}\n${generated}\n${text.slice(to)}`
}
