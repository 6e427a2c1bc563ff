import { v7 as uuidv7 } from 'uuid'
import { origin } from '../domain/position.ts'
import type { Draft, Message, RoomChange, RoomEvent, RoomKind, RoomRole } from '../domain/room-event.ts'
import type { ChatStore } from '../store/chat-store.ts'

/** Drafts of every kind, with what a test does not care about filled in. */
export const draftOf = (change: RoomChange, given: Partial<Draft> = {}): Draft => ({
  key: uuidv7(),
  actorId: 'ann',
  at: 1_000,
  change,
  ...given,
})

export const roomUpdated = (name = 'Room', kind: RoomKind = 'PUBLIC', given?: Partial<Draft>) =>
  draftOf({ type: 'RoomUpdated', name, topic: null, kind }, given)

export const joined = (userId: string, role: RoomRole = 'MEMBER', given?: Partial<Draft>) =>
  draftOf({ type: 'MemberJoined', userId, role }, { actorId: userId, ...given })

export const sent = (text: string, actorId = 'ann', given?: Partial<Draft>) => {
  const clientMessageId = uuidv7()
  const change = { type: 'MessageSent', messageId: uuidv7(), clientMessageId, text } as const
  return draftOf(change, { key: `${actorId}:${clientMessageId}`, actorId, ...given })
}

export const edited = (message: Message, text: string) =>
  draftOf({ type: 'MessageEdited', message: { ...message, text, editedAt: 2_000 } }, { actorId: message.senderId })

export const deleted = (message: Message) =>
  draftOf(
    { type: 'MessageDeleted', message: { ...message, text: '', deletedAt: 3_000 } },
    { actorId: message.senderId },
  )

/** Appends the drafts at the head, and gives the events. */
export async function appendAtHead(store: ChatStore, roomId: string, ...drafts: Draft[]): Promise<RoomEvent[]> {
  const head = (await store.log.heads([roomId])).get(roomId) ?? origin
  const { count } = await store.log.append(roomId, head, drafts)
  if (count !== drafts.length) throw new Error(`Only ${count} of ${drafts.length} drafts went in`)
  return store.log.read(roomId, head.seq, drafts.length)
}

/** The same, and projects them. */
export async function happen(store: ChatStore, roomId: string, ...drafts: Draft[]): Promise<RoomEvent[]> {
  const events = await appendAtHead(store, roomId, ...drafts)
  await store.state.project(events)
  return events
}

/** A room with its first event. */
export async function makeRoom(store: ChatStore, name = 'Room', kind: RoomKind = 'PUBLIC'): Promise<string> {
  const roomId = uuidv7()
  await happen(store, roomId, roomUpdated(name, kind))
  return roomId
}
