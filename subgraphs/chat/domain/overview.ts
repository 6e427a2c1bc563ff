import type { Viewer } from '../../../platform/identity/viewer.ts'
import type { Chat } from './chat.ts'
import type { Membership, Message } from './room-event.ts'

const mostUnread = 1_000

/** The viewer's memberships of these rooms; none for the anonymous. */
export async function ownMemberships({ store }: Chat, viewer: Viewer, roomIds: string[]): Promise<Membership[]> {
  return viewer === 'anonymous' ? [] : store.state.memberships(viewer.userId, roomIds)
}

/** The newest message of each of these rooms that the viewer is a member of. */
export async function lastMessages(chat: Chat, viewer: Viewer, roomIds: string[]): Promise<Message[]> {
  const memberships = await ownMemberships(chat, viewer, roomIds)
  return chat.store.state.lastMessages(memberships.map(({ roomId }) => roomId))
}

/** How many messages of others lie after what the viewer has read, at most 1,000, in these rooms that the viewer is a member of. */
export async function unreadCounts(chat: Chat, viewer: Viewer, roomIds: string[]): Promise<Map<string, number>> {
  const memberships = await ownMemberships(chat, viewer, roomIds)
  if (viewer === 'anonymous' || memberships.length === 0) return new Map()
  const positions = memberships.map(
    ({ roomId, readUpTo, joinedSeq }) => [roomId, Math.max(readUpTo ?? 0, joinedSeq)] as const,
  )
  return chat.store.state.unread(viewer.userId, new Map(positions), mostUnread)
}
