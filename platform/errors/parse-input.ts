import type { z } from 'zod'
import { badInput } from './app-error.ts'

/** The value as the schema has it. Throws `BAD_USER_INPUT` with the path of the first field that breaks a rule, and the rule. */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown, root = 'input'): z.output<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const field = issue && issue.path.length > 0 ? issue.path.join('.') : root
  throw badInput(field, issue?.message ?? 'is not valid')
}
