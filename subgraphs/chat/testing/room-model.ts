import { joinedMember, type Membership, type Message, type RoomEvent, sentMessage } from '../domain/room-event.ts'

/** All that a room's events add up to, made from nothing but them: what every store's projection is held against. */
export interface RoomModel {
  head: number
  lastAt: number
  kind: 'PUBLIC' | 'PRIVATE' | undefined
  name: string
  members: ReadonlyMap<string, Membership>
  banned: ReadonlySet<string>
  messages: ReadonlyMap<string, Message>
}

export const noRoom: RoomModel = {
  head: 0,
  lastAt: 0,
  kind: undefined,
  name: '',
  members: new Map(),
  banned: new Set(),
  messages: new Map(),
}

/** The room after one more event. */
export function apply(room: RoomModel, event: RoomEvent): RoomModel {
  const { seq: head, at: lastAt, change } = event
  const next = { ...room, head, lastAt }
  const withMember = (member: Membership) => ({
    members: new Map(room.members).set(member.userId, member),
    banned: new Set([...room.banned].filter((userId) => userId !== member.userId)),
  })
  switch (change.type) {
    case 'RoomUpdated':
      return {
        ...next,
        kind: change.kind,
        name: change.name,
        ...(change.ownerId !== undefined && withMember(joinedMember(event))),
      }
    case 'MemberJoined':
      return { ...next, ...withMember(joinedMember(event)) }
    case 'MemberLeft': {
      const members = new Map([...room.members].filter(([userId]) => userId !== change.userId))
      return {
        ...next,
        members,
        ...(change.reason === 'BANNED' && { banned: new Set(room.banned).add(change.userId) }),
      }
    }
    case 'MemberChanged': {
      const member = room.members.get(change.member.userId)
      return member ? { ...next, ...withMember({ ...member, role: change.member.role }) } : next
    }
    case 'ReadUpTo': {
      const member = room.members.get(change.userId)
      if (!member || change.upTo <= (member.readUpTo ?? 0)) return next
      return { ...next, ...withMember({ ...member, readUpTo: change.upTo, readUpToId: change.upToId }) }
    }
    case 'MessageSent': {
      const message = sentMessage(event)
      return { ...next, messages: new Map(room.messages).set(message.id, message) }
    }
    case 'MessageEdited':
    case 'MessageDeleted':
      return { ...next, messages: new Map(room.messages).set(change.message.id, change.message) }
  }
}

export const ownersOf = ({ members }: RoomModel) => [...members.values()].filter(({ role }) => role === 'OWNER')
