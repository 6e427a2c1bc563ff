import type { Viewer } from '../../platform/identity/viewer.ts'
import type { Chat } from './domain/chat.ts'
import type { Loaders } from './resolvers/loaders.ts'
import type { TextReads } from './resolvers/text-reads.ts'

/** What every resolver of an operation gets. */
export interface Context {
  viewer: Viewer
  chat: Chat
  loaders: Loaders
  textReads: TextReads
}
