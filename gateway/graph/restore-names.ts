import { type ExecutionResult, GraphQLError } from 'graphql'

/** What stands in a result under one response name. */
export interface Place {
  /** The client's name for it. */
  name: string
  /** The places in it; undefined where nothing was renamed. */
  inside?: Places
}
export type Places = ReadonlyMap<string, Place>

/** The result under the names that the client chose, in its data, the paths of its errors, and what Apollo adds. */
export function restoreNames<Result extends ExecutionResult>(result: Result, places: Places): Result {
  const { data, errors, extensions } = result
  return {
    ...result,
    ...(data && { data: restoreData(data, places) }),
    ...(errors && { errors: errors.map((error) => restoreError(error, places)) }),
    ...(extensions && { extensions: restoreExtensions(extensions, places) }),
  }
}

function restoreData<Value>(value: Value, places: Places): Value {
  if (Array.isArray(value)) return value.map((item) => restoreData(item, places)) as Value
  if (typeof value !== 'object' || value === null) return value
  // Without a prototype, so that `__proto__` is a name like any other.
  const restored: Record<string, unknown> = Object.create(null)
  for (const [alias, inner] of Object.entries(value)) {
    const place = places.get(alias)
    restored[place?.name ?? alias] = place?.inside ? restoreData(inner, place.inside) : inner
  }
  return restored as Value
}

function restorePath(path: readonly (string | number)[], places: Places): (string | number)[] {
  let at: Places | undefined = places
  return path.map((step) => {
    if (typeof step === 'number') return step
    const place = at?.get(step)
    at = place?.inside
    return place?.name ?? step
  })
}

function restoreError(error: GraphQLError, places: Places): GraphQLError {
  if (!error.path) return error
  const { message, nodes, source, positions, originalError, extensions } = error
  const path = restorePath(error.path, places)
  return new GraphQLError(message, { nodes, source, positions, originalError, extensions, path })
}

/** What Apollo found wrong with the values of a result names fields by their response names. */
function restoreExtensions(extensions: Record<string, unknown>, places: Places): Record<string, unknown> {
  const { valueCompletion } = extensions
  if (!Array.isArray(valueCompletion)) return extensions
  return { ...extensions, valueCompletion: valueCompletion.map((error) => restoreError(error, places)) }
}
