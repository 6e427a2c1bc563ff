/** The same store, whose errors are the driver's own: drizzle's carry the statement with its values into every log. */
export function withoutQueries<Store extends object>(store: Store): Store {
  const methods = Object.entries(store).map(([name, method]) => [
    name,
    async (...values: unknown[]) => {
      try {
        return await method(...values)
      } catch (error) {
        throw isQueryError(error) ? (error.cause ?? new Error('A query failed')) : error
      }
    },
  ])
  return Object.fromEntries(methods)
}

const isQueryError = (error: unknown): error is { params: unknown; cause?: unknown } =>
  typeof error === 'object' && error !== null && 'query' in error && 'params' in error
