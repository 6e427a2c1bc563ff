import type { Schema } from '@apollo/federation-internals'

/** By which arguments a supergraph says which fields are fetched for a field or an entity, besides what a client asks for. */
const fieldSets: Record<string, string[]> = { join__type: ['key'], join__field: ['requires', 'contextArguments'] }

/** The names of all fields that the planner may add to what a client asks for: those of keys, `@requires` and contexts. */
export function readPlannerNames(supergraph: Schema): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [directive, argumentNames] of Object.entries(fieldSets)) {
    for (const application of supergraph.directive(directive)?.applications() ?? []) {
      const given = application.arguments() as Record<string, unknown>
      // More than the names of fields, which does no harm.
      const text = JSON.stringify(argumentNames.map((name) => given[name] ?? ''))
      for (const [name] of text.matchAll(/[_A-Za-z]\w*/g)) names.add(name)
    }
  }
  return names
}
