import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import type { Chat } from './chat.ts'
import type { Membership, Message } from './room-event.ts'

/** How many messages of a room are looked at to count the unread ones. */
const newestCounted = 1_000

/** The viewer's memberships of these rooms; none for the anonymous. Throws `UNAUTHENTICATED` for everyone, as all of these do. */
export async function ownMemberships({ store }: Chat, viewer: Viewer, roomIds: string[]): Promise<Membership[]> {
  if (viewer === 'anonymous') return []
  return store.state.memberships(signedIn(viewer).userId, roomIds)
}

/** The newest message of each of these rooms that the viewer is a member of; with `texts: false`, without `text`. */
export async function lastMessages(
  chat: Chat,
  viewer: Viewer,
  roomIds: string[],
  options: { texts?: boolean } = {},
): Promise<Message[]> {
  const memberships = await ownMemberships(chat, viewer, roomIds)
  return chat.store.state.lastMessages(
    memberships.map(({ roomId }) => roomId),
    options,
  )
}

/** How many of the 1,000 newest messages are of others and unread, in each of these rooms that the viewer is a member of. */
export async function unreadCounts(chat: Chat, viewer: Viewer, roomIds: string[]): Promise<Map<string, number>> {
  const memberships = await ownMemberships(chat, viewer, roomIds)
  if (memberships.length === 0) return new Map()
  const positions = memberships.map(
    ({ roomId, readUpTo, joinedSeq }) => [roomId, Math.max(readUpTo ?? 0, joinedSeq)] as const,
  )
  return chat.store.state.unread(signedIn(viewer).userId, new Map(positions), newestCounted)
}
