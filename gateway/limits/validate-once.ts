import { type DocumentNode, type GraphQLError, type GraphQLSchema, validate } from 'graphql'

const valid = new WeakMap<GraphQLSchema, WeakSet<DocumentNode>>()

/** What is wrong with a document on this schema, if anything. One that many share is validated once. */
export function problemOf(schema: GraphQLSchema, document: DocumentNode): GraphQLError | undefined {
  const known = valid.get(schema) ?? new WeakSet()
  valid.set(schema, known)
  if (known.has(document)) return undefined
  const [problem] = validate(schema, document)
  if (!problem) known.add(document)
  return problem
}
