import { DrizzleQueryError } from 'drizzle-orm'

/** The same store, whose errors are the driver's own: drizzle's carry the statement with its values into every log. */
export function withoutQueries<Store extends object>(store: Store): Store {
  const methods = Object.entries(store).map(([name, method]) => [
    name,
    async (...values: unknown[]) => {
      try {
        return await method(...values)
      } catch (error) {
        throw error instanceof DrizzleQueryError ? (error.cause ?? new Error('A query failed')) : error
      }
    },
  ])
  return Object.fromEntries(methods)
}
