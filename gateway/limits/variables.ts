import type { VariableDefinitionNode } from 'graphql'
import { badInput } from '../../platform/errors/app-error.ts'
import { OverLimit } from './over-limit.ts'

/** No variable is called `__proto__`: JavaScript objects, and so every GraphQL library in it, cannot hold its value. */
export function checkVariableNames(definitions: readonly VariableDefinitionNode[]): void {
  if (definitions.some(({ variable }) => variable.name.value === '__proto__'))
    throw badInput('query', 'must have another name for the variable $__proto__')
}

/** Variables are nested at most `maxDepth` levels. */
export function checkVariables(variables: Record<string, unknown>, maxDepth: number): void {
  if (!isNestedAtMost(variables, maxDepth)) throw new OverLimit('variable_depth', maxDepth + 1, maxDepth, 'levels')
}

/** Whether a JSON value has at most so many levels. Walks without recursion, so that nothing is too deep to be refused. */
export function isNestedAtMost(value: unknown, levels: number): boolean {
  let level = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levels) return false
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []))
  }
  return true
}
