import type { ApolloServerOptions, BaseContext } from '@apollo/server'
import type { DocumentNode } from 'graphql'
import { LRUCache } from 'lru-cache'

/** How many bytes of objects a character of a document's JSON stands for, rounded up. */
const bytesPerCharacter = 3

/**
 * A copy of the document without locations, so that neither the tokens nor the text that it was parsed from stay in memory, and about how
 * many bytes the copy takes.
 */
export function withoutLocations(document: DocumentNode): { copy: DocumentNode; bytes: number } {
  // Names are slices of the text, and would keep it alive: JSON makes strings of their own.
  const text = JSON.stringify(document, (key, value) => (key === 'loc' ? undefined : value))
  return { copy: JSON.parse(text), bytes: bytesPerCharacter * text.length }
}

/**
 * Where Apollo Server keeps the documents that it has parsed and validated. Its own store counts their JSON, and holds several times as
 * much: the tokens of each document, comments included.
 */
export function createDocumentStore(maxBytes: number): NonNullable<ApolloServerOptions<BaseContext>['documentStore']> {
  const documents = new LRUCache<string, DocumentNode>({ maxSize: maxBytes })
  return {
    get: async (hash) => documents.get(hash),
    async set(hash, document) {
      const { copy, bytes } = withoutLocations(document)
      documents.set(hash, copy, { size: bytes })
    },
    delete: async (hash) => documents.delete(hash),
  }
}
