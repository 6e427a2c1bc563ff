import { GraphQLError } from 'graphql'

/**
 * What graphql-js says of input that does not fit, without the value that it repeats: the value may hold a password, and the client has
 * it already. `Variable "$input" got invalid value { … }; Field "text" …` becomes `Variable "$input": Field "text" …`. The reason that
 * graphql-js wraps tells where the value ends.
 */
export function inputProblem(message: string, cause: unknown): string {
  const reason = cause instanceof GraphQLError && message.endsWith(`; ${cause.message}`) ? cause.message : undefined
  if (reason === undefined) return withoutValue(message)
  const [, variable] = /^(Variable "\$\w+") got invalid value /.exec(message) ?? []
  if (variable === undefined) return withoutValue(message)
  const [place = ''] = / at "[\w.[\]]+"$/.exec(message.slice(0, -`; ${reason}`.length)) ?? []
  return `${variable}${place}: ${withoutValue(reason)}`
}

/** A reason of graphql-js's own scalars, enums and parser ends with the value, which stands in the document or in a variable. */
const withoutValue = (reason: string) =>
  reason
    .replace(/^(\w+ cannot represent .*?value): .*$/s, '$1')
    .replace(/^(Enum "\w+" cannot represent non-(?:string|enum) value): .*$/s, '$1')
    .replace(/^Value ".*" does not exist in "(\w+)" enum\..*$/s, 'The value does not exist in the enum "$1".')
    .replace(/^Expected value of type "([^"]+)", found .*$/s, 'Expected a value of type "$1".')
    .replace(/^(Syntax Error: .*found (?:Block)?String) ".*$/s, '$1.')
