import { OverLimit } from './over-limit.ts'

/** Variables are nested at most `maxDepth` levels. Walks without recursion, so that nothing is too deep to be refused. */
export function checkVariables(variables: Record<string, unknown>, maxDepth: number): void {
  let level: unknown[] = [variables]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) throw new OverLimit('variable_depth', depth, maxDepth, 'levels')
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []))
  }
}
