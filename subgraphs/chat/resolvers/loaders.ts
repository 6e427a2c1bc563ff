import DataLoader from 'dataloader'
import type { Viewer } from '../../../platform/identity/viewer.ts'
import type { Room } from '../domain/room.ts'
import type { Membership, Message } from '../domain/room-event.ts'
import type { ChatStore } from '../store/chat-store.ts'

const mostUnread = 1_000

/** One store query for all that an operation asks at once. Nothing is cached: a subscription lives longer than what it read. */
export interface Loaders {
  room: DataLoader<string, Room | undefined>
  viewerMembership: DataLoader<string, Membership | undefined>
  lastMessage: DataLoader<string, Message | undefined>
  /** How many messages of others lie after where the member has read. */
  unread: DataLoader<Membership, number>
}

export function createLoaders({ state }: ChatStore, viewer: Viewer): Loaders {
  const userId = viewer === 'anonymous' ? undefined : viewer.userId
  const options = { cache: false }
  return {
    room: new DataLoader(async (ids) => inOrder(ids, await state.rooms([...ids]), (room) => room.id), options),
    viewerMembership: new DataLoader(async (roomIds) => {
      const found = userId ? await state.memberships(userId, [...roomIds]) : []
      return inOrder(roomIds, found, (membership) => membership.roomId)
    }, options),
    lastMessage: new DataLoader(
      async (roomIds) => inOrder(roomIds, await state.lastMessages([...roomIds]), (message) => message.roomId),
      options,
    ),
    unread: new DataLoader(async (memberships) => {
      const positions = memberships.map((each) => [each.roomId, Math.max(each.readUpTo ?? 0, each.joinedSeq)] as const)
      const counts = userId ? await state.unread(userId, new Map(positions), mostUnread) : new Map()
      return memberships.map(({ roomId }) => counts.get(roomId) ?? 0)
    }, options),
  }
}

function inOrder<T>(ids: readonly string[], found: T[], idOf: (item: T) => string): (T | undefined)[] {
  const byId = new Map(found.map((item) => [idOf(item), item]))
  return ids.map((id) => byId.get(id))
}
