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
  unread: DataLoader<string, number>
}

export function createLoaders(chat: Chat, viewer: Viewer): Loaders {
  const options = { cache: false }
  return {
    room: new DataLoader(async (ids) => inOrder(ids, await chat.store.state.rooms([...ids]), ({ id }) => id), options),
    viewerMembership: new DataLoader(
      async (ids) => inOrder(ids, await ownMemberships(chat, viewer, [...ids]), ({ roomId }) => roomId),
      options,
    ),
    lastMessage: new DataLoader(
      async (ids) => inOrder(ids, await lastMessages(chat, viewer, [...ids]), ({ roomId }) => roomId),
      options,
    ),
    unread: new DataLoader(async (ids) => {
      const counts = await unreadCounts(chat, viewer, [...ids])
      return ids.map((id) => counts.get(id) ?? 0)
    }, options),
  }
}

function inOrder<T>(ids: readonly string[], found: T[], idOf: (item: T) => string): (T | undefined)[] {
  const byId = new Map(found.map((item) => [idOf(item), item]))
  return ids.map((id) => byId.get(id))
}
