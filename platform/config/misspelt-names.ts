import { knownNames } from './known-names.ts'

/**
 * The variables of the environment that nobody reads and whose names are almost those of `names`, as sentences. A name of Parley is no
 * mistake, and neither are the addresses that Docker and Kubernetes set for linked services.
 */
export function misspeltNames(environment: Record<string, string | undefined>, names: string[]): string[] {
  const given = Object.entries(environment).filter(
    ([name, value]) => value && !names.includes(name) && !knownNames.has(name) && !/^(tcp|udp):\/\//.test(value),
  )
  return given.flatMap(([name]) => {
    const meant = nearest(name, names)
    return meant ? [`${name} is not known: did you mean ${meant}?`] : []
  })
}

function nearest(name: string, names: string[]): string | undefined {
  const spelt = name.toUpperCase().replaceAll('-', '_')
  // A mere difference in length is told without comparing letters.
  const near = names
    .filter((each) => Math.abs(each.length - spelt.length) <= mostSlips(each))
    .map((each) => ({ each, slips: slips(spelt, each) }))
    .filter(({ each, slips }) => slips <= mostSlips(each))
  return near.toSorted((a, b) => a.slips - b.slips)[0]?.each
}

/** How many letters may be wrong: more in a longer name. */
const mostSlips = ({ length }: string) => (length < 7 ? 1 : length < 12 ? 2 : 3)

/** The optimal string alignment distance: letters left out, added or replaced, and neighbours that changed places. */
function slips(a: string, b: string): number {
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      next[column] = Math.min(
        at(last, column) + 1,
        at(next, column - 1) + 1,
        at(last, column - 1) + same,
        swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    ;[before, last] = [last, next]
  }
  return at(last, b.length)
}

const at = (row: number[], column: number) => row[column] ?? Number.POSITIVE_INFINITY
