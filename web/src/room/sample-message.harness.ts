import type { Message } from './room-state.ts'

/** A message for tests: number `seq` of its room, with what `given` changes. */
export function sampleMessage(seq: number, given: Partial<Message> = {}): Message {
  return {
    id: `m${seq}`,
    roomId: 'r',
    senderId: 'ann',
    sender: { id: 'ann', username: 'ann', displayName: 'Ann', avatarUrl: null },
    seq,
    cursor: `c${seq}`,
    clientMessageId: `client-${seq}`,
    text: `text ${seq}`,
    createdAt: '2026-01-31T09:30:00.000Z',
    editedAt: null,
    deletedAt: null,
    ...given,
  }
}
