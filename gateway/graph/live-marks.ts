import type { Schema } from '@apollo/federation-internals'

/** The identity of the link by which subgraphs import `@resumable`, `@viewerDependent` and `@idempotent`. */
const liveSpec = 'https://specs.parley.dev/live'

/** What subgraphs say of their fields, so that subscriptions can be shared and mutations repeated. A supergraph without the link says nothing. */
export interface LiveMarks {
  /** The argument of a subscription field that takes the cursor to go on after; undefined when the field cannot resume. */
  cursorArgumentOf(subscriptionField: string): string | undefined
  /** Whether a field's value depends on who asks. `type` is the one that declares it. */
  isViewerDependent(type: string, field: string): boolean
  /** Whether a field of the mutation type, asked twice with equal arguments, has the effect of one. */
  isIdempotent(mutationField: string): boolean
}

/** Reads the marks of a supergraph schema, under whatever names the link gives them there. */
export function readLiveMarks(supergraph: Schema): LiveMarks {
  const link = supergraph.coreFeatures?.getByIdentity(liveSpec)
  const applicationsOf = (name: string) =>
    link ? [...(supergraph.directive(link.directiveNameInSchema(name))?.applications() ?? [])] : []
  const coordinateOf = ({ parent }: { parent: unknown }) => (parent as { coordinate: string }).coordinate

  const root = supergraph.schemaDefinition.rootType('subscription')?.name
  const cursorArguments = new Map(
    applicationsOf('resumable').map((mark) => [coordinateOf(mark), String(mark.arguments().cursorArgument)]),
  )
  for (const [field, argument] of cursorArguments) {
    const declared = supergraph.schemaDefinition.rootType('subscription')?.field(field.split('.')[1] ?? '')
    if (!declared?.argument(argument)) throw new Error(`@resumable: ${field} has no argument "${argument}"`)
  }
  const viewerDependent = new Set(applicationsOf('viewerDependent').map(coordinateOf))
  const mutation = supergraph.schemaDefinition.rootType('mutation')?.name
  const idempotent = new Set(applicationsOf('idempotent').map(coordinateOf))
  return {
    cursorArgumentOf: (field) => cursorArguments.get(`${root}.${field}`),
    isViewerDependent: (type, field) => viewerDependent.has(`${type}.${field}`),
    isIdempotent: (field) => idempotent.has(`${mutation}.${field}`),
  }
}
