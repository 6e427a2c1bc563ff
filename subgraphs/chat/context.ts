import type { Viewer } from '../../platform/identity/viewer.ts'
import type { Chat } from './domain/chat.ts'
import type { Loaders } from './resolvers/loaders.ts'

/** What every resolver of an operation gets. */
export interface Context {
  viewer: Viewer
  chat: Chat
  loaders: Loaders
}
