import type { z } from 'zod'
import { misspeltNames } from './misspelt-names.ts'
import { StartError } from './start-error.ts'

/** One value of the configuration: how it is checked, and what `--help` and `docs/operations.md` say of it. */
export interface Variable<T = unknown> {
  schema: z.ZodType<T, string | undefined>
  /** What kind of value it takes. */
  type: string
  meaning: string
  /** What holds without a value. */
  fallback?: string
  /** What holds without a value outside production; in production the `fallback` does, or the value has to be given. */
  developmentFallback?: string
}

export type Variables = Record<string, Variable>
export type Values<V extends Variables> = { [K in keyof V]: V[K] extends Variable<infer T> ? T : never }
export type Environment = Record<string, string | undefined>

/** Thrown by `readEnv`: its message lists every value that is wrong, with its rule. */
export class ConfigError extends StartError {
  override name = 'ConfigError'

  constructor(problems: string[]) {
    super(`The configuration is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
  }
}

const environments = ['development', 'production', 'test']

export const isProduction = (environment: Environment) => environment.NODE_ENV === 'production'

/**
 * Reads every variable from the environment. Empty text counts as absent. Throws a `ConfigError` with all that is wrong; in production
 * an unknown name that is almost one of the variables is wrong, too.
 */
export function readEnv<V extends Variables>(environment: Environment, variables: V): Values<V> {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, { schema, developmentFallback }] of Object.entries(variables)) {
    const given = environment[name] || (isProduction(environment) ? undefined : developmentFallback)
    const result = schema.safeParse(given)
    if (result.success) values[name] = result.data
    else problems.push(`${name} ${result.error.issues[0]?.message ?? 'is not valid'}`)
  }
  const { NODE_ENV } = environment
  if (NODE_ENV && !environments.includes(NODE_ENV)) problems.push(`NODE_ENV must be one of ${environments.join(', ')}`)
  if (problems.length > 0 || isProduction(environment))
    problems.push(...misspeltNames(environment, Object.keys(variables)))
  if (problems.length > 0) throw new ConfigError(problems)
  return values as Values<V>
}

/** The variables as lines of help: name, type, meaning, and the default or whether one has to be given. */
export function describeEnv(variables: Variables): string {
  const width = Math.max(...Object.keys(variables).map((name) => name.length))
  return Object.entries(variables)
    .map(([name, variable]) =>
      `  ${name.padEnd(width)}  ${variable.meaning} (${variable.type}) ${inBrackets(defaultOf(variable))}`.trimEnd(),
    )
    .join('\n')
}

/** What holds without a value, for people; empty when that is nothing. */
export function defaultOf({ schema, fallback, developmentFallback }: Variable): string {
  if (developmentFallback !== undefined) return `${developmentFallback}; in production ${fallback ?? 'required'}`
  return fallback || (schema.safeParse(undefined).success ? '' : 'required')
}

const inBrackets = (text: string) => (text ? `[${text}]` : '')
