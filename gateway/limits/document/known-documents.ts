import { createHash } from 'node:crypto'
import type { DocumentNode } from 'graphql'
import { LRUCache } from 'lru-cache'
import { withoutLocations } from '../../../platform/graphql/document-store.ts'
import { type Definitions, readDefinitions } from './definitions.ts'

/** A document that passed every check that depends on its text alone. */
export interface KnownDocument {
  document: DocumentNode
  definitions: Definitions
}

/** The documents that were valid when they came, by the SHA-256 of their text: the gateway parses and keeps each text once. */
export interface KnownDocuments {
  get(hash: string): KnownDocument | undefined
  /** Keeps a copy without locations, so that neither the tokens nor the text of the request stay in memory. Returns the copy. */
  keep(hash: string, document: DocumentNode): KnownDocument
  /** How much is kept, by the same estimate that bounds it. */
  bytes(): number
}

/** Apollo Server has the same hash for a text. */
export const hashOfText = (text: string) => createHash('sha256').update(text).digest('hex')

export function createKnownDocuments(maxBytes: number): KnownDocuments {
  const kept = new LRUCache<string, KnownDocument>({ maxSize: maxBytes })
  return {
    get: (hash) => kept.get(hash),
    keep(hash, document) {
      const { copy, bytes } = withoutLocations(document)
      const known = { document: copy, definitions: readDefinitions(copy) }
      kept.set(hash, known, { size: bytes })
      return known
    },
    bytes: () => kept.calculatedSize,
  }
}
