import type { Question } from './follower.ts'

/** What is asked of each event, and of trades. */
export interface Selection {
  event: string[]
  traded: string[]
}

const turned = <T>(list: T[], by: number): T[] => {
  const at = by % list.length
  return [...list.slice(at), ...list.slice(0, at)]
}

/**
 * The same question in the words of the client `n`: the order of fields, the names of operations, variables and fragments, and what is
 * a literal differ. No two texts are equal.
 */
export function wordedBy(n: number, { event, traded }: Selection, symbol = 'AAA'): Question {
  const fields = turned(event, n)
  const trade = turned(traded, n).join(' ')
  const [before, after] = [fields.slice(0, n % fields.length).join(' '), fields.slice(n % fields.length).join(' ')]
  const selection = `${before} ... on Traded { ${trade} } ${after}`
  switch (n % 4) {
    case 0:
      return {
        query: `subscription Of${n}($symbol${n}: ID!, $after: String) {
          trades(symbol: $symbol${n}, after: $after) { ${selection} }
        }`,
        variables: { [`symbol${n}`]: symbol },
      }
    case 1:
      return { query: `subscription Literal${n} { trades(after: null, symbol: "${symbol}") { ${selection} } }` }
    case 2:
      return {
        query: `subscription ($of: ID! = "${symbol}") { ...on${n} }
          fragment on${n} on Subscription { trades(symbol: $of) { ${before} ...trade${n} ${after} } }
          fragment trade${n} on Traded { ${trade} }`,
      }
    default:
      return {
        query: `query Other { stocks { symbol } }
          subscription It${n}($yes: Boolean!, $symbol: ID!) {
            trades(symbol: $symbol) { ...every @include(if: $yes) ... on Traded { ${trade} isOwn @skip(if: $yes) } }
          }
          fragment every on TradingEvent { ${fields.join(' ')} }`,
        variables: { yes: true, symbol },
        operationName: `It${n}`,
      }
  }
}
