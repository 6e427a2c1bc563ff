import { z } from 'zod'

/** One value of the configuration: how it is checked, what it means, and what `--help` shows as its default. */
export interface Variable<T = unknown> {
  schema: z.ZodType<T, string | undefined>
  meaning: string
  fallback?: string
}

export type Variables = Record<string, Variable>
export type Values<V extends Variables> = { [K in keyof V]: V[K] extends Variable<infer T> ? T : never }
export type Environment = Record<string, string | undefined>

/** Thrown by `readEnv`: its message lists every value that is wrong, with its rule. */
export class ConfigError extends Error {
  constructor(problems: string[]) {
    super(`The configuration is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
  }
}

/** Reads every variable from the environment. Empty text counts as absent. Throws a `ConfigError` with all that is wrong. */
export function readEnv<V extends Variables>(environment: Environment, variables: V): Values<V> {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, { schema }] of Object.entries(variables)) {
    const result = schema.safeParse(environment[name] || undefined)
    if (result.success) values[name] = result.data
    else problems.push(`${name} ${result.error.issues[0]?.message ?? 'is not valid'}`)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return values as Values<V>
}

/** The variables as lines of help: name, default, meaning. */
export function describeEnv(variables: Variables): string {
  const width = Math.max(...Object.keys(variables).map((name) => name.length))
  return Object.entries(variables)
    .map(([name, { meaning, fallback }]) => `  ${name.padEnd(width)}  ${meaning}${fallback ? ` [${fallback}]` : ''}`)
    .join('\n')
}

/** Text with a default; without one it is required. */
export const text = (meaning: string, fallback?: string): Variable<string> => ({
  schema: required(fallback),
  meaning,
  fallback,
})

/** A whole number from `min` to `max`. */
export const integer = (
  meaning: string,
  fallback: number,
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
): Variable<number> => ({
  schema: required(String(fallback))
    .refine((value) => /^-?\d+$/.test(value), 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be between ${min} and ${max}`),
  meaning,
  fallback: String(fallback),
})

/** Items parted by commas; empty without a value. */
export const list = (meaning: string, fallback = ''): Variable<string[]> => ({
  schema: z
    .string()
    .default(fallback)
    .transform((value) => value.split(',').map((item) => item.trim()))
    .transform((items) => items.filter((item) => item !== '')),
  meaning,
  fallback: fallback || undefined,
})

/** Web origins (scheme, host and port), parted by commas; none without a value. */
export const origins = (meaning: string): Variable<string[]> => ({
  schema: list(meaning).schema.refine(
    (items) => items.every(isOrigin),
    'must be origins such as https://chat.example.org',
  ),
  meaning,
})

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text

const required = (fallback: string | undefined) =>
  z.preprocess((value) => value ?? fallback, z.string('is required')) as z.ZodType<string, string | undefined>
