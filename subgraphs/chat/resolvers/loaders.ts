import DataLoader from 'dataloader'
import type { Viewer } from '../../../platform/identity/viewer.ts'
import type { Chat } from '../domain/chat.ts'
import { lastMessages, ownMemberships, unreadCounts } from '../domain/overview.ts'
import type { Room } from '../domain/room.ts'
import type { Membership, Message } from '../domain/room-event.ts'

/** One question for all that an operation asks at once. Nothing is cached: a subscription lives longer than what it read. */
export interface Loaders {
  room: DataLoader<string, Room | undefined>
  viewerMembership: DataLoader<string, Membership | undefined>
  lastMessage: DataLoader<string, Message | undefined>
  /** The same without `text`, for an operation that does not select it. */
  lastMessageWithoutText: DataLoader<string, Message | undefined>
  unread: DataLoader<string, number>
}

export function createLoaders(chat: Chat, viewer: Viewer): Loaders {
  return {
    room: loaderOf(
      (ids) => chat.store.state.rooms(ids),
      ({ id }) => id,
    ),
    viewerMembership: loaderOf((ids) => ownMemberships(chat, viewer, ids), roomOf),
    lastMessage: loaderOf((ids) => lastMessages(chat, viewer, ids), roomOf),
    lastMessageWithoutText: loaderOf((ids) => lastMessages(chat, viewer, ids, { texts: false }), roomOf),
    unread: new DataLoader(async (ids) => {
      const counts = await unreadCounts(chat, viewer, distinct(ids))
      return ids.map((id) => counts.get(id) ?? 0)
    }, uncached),
  }
}

const uncached = { cache: false }
const roomOf = ({ roomId }: { roomId: string }) => roomId
/** An operation asks for the same once more under each alias. */
const distinct = (ids: readonly string[]) => [...new Set(ids)]

function loaderOf<T>(load: (ids: string[]) => Promise<T[]>, idOf: (item: T) => string) {
  return new DataLoader<string, T | undefined>(async (ids) => inOrder(ids, await load(distinct(ids)), idOf), uncached)
}

function inOrder<T>(ids: readonly string[], found: T[], idOf: (item: T) => string): (T | undefined)[] {
  const byId = new Map(found.map((item) => [idOf(item), item]))
  return ids.map((id) => byId.get(id))
}
