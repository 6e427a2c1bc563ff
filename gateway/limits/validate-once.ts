import { type DocumentNode, type GraphQLError, type GraphQLSchema, validate } from 'graphql'

const valid = new WeakMap<GraphQLSchema, WeakSet<DocumentNode>>()

/**
 * What is wrong with a document on this schema, if anything. One that many share is validated once. Only with `suggestions` does the
 * message name what the schema has instead.
 */
export function problemOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  { suggestions = false } = {},
): GraphQLError | undefined {
  if (isKnownValid(schema, document)) return undefined
  const [problem] = validate(schema, document, undefined, { maxErrors: 1, hideSuggestions: !suggestions })
  if (!problem) noteValid(schema, document)
  return problem
}

/** Notes that the document is valid on this schema: it is a copy of one that was validated. */
export function noteValid(schema: GraphQLSchema, document: DocumentNode): void {
  const known = valid.get(schema) ?? new WeakSet()
  valid.set(schema, known.add(document))
}

/** Whether the document was validated on this schema. */
export const isKnownValid = (schema: GraphQLSchema, document: DocumentNode) => valid.get(schema)?.has(document) === true
