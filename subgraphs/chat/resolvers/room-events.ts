import type { ResumableEvent } from '../../../platform/graphql/resumable.ts'
import { mapStream } from '../../../platform/streams/map-stream.ts'
import type { Context } from '../context.ts'
import { toCursor } from '../domain/cursor.ts'
import { positionOf } from '../domain/position.ts'
import { joinedMember, sentMessage } from '../domain/room-event.ts'
import { type Delivery, followRoom, type Step } from '../domain/room-events.ts'
import type { SubscriptionRoomEventsArgs } from '../generated/resolvers.ts'
import { parseId } from './inputs.ts'

export const roomEvents = {
  subscribe: async (_: unknown, { roomId, after }: SubscriptionRoomEventsArgs, { viewer, chat }: Context) =>
    mapStream(await followRoom(chat, viewer, parseId('roomId', roomId), after ?? undefined), toResumable),
  resolve: ({ delivery }: Awaited<ReturnType<typeof toResumable>>) => toRoomEvent(delivery),
}

/** A step with its place as the gateway reads it. */
async function toResumable({ delivery, live, removed }: Step): Promise<ResumableEvent & { delivery: Delivery }> {
  const cursor = cursorOf(delivery)
  return { delivery, resumable: { cursor, live, ...(removed !== undefined && { remove: [removed] }) } }
}

const cursorOf = (delivery: Delivery) =>
  toCursor(delivery.roomId, 'type' in delivery ? delivery.position : positionOf(delivery))

/** A delivery as the graph has it. */
function toRoomEvent(delivery: Delivery) {
  const { roomId, at } = delivery
  const place = { roomId, cursor: cursorOf(delivery), at: new Date(at) }
  if ('type' in delivery) return { __typename: delivery.type, ...place, ...delivery, at: place.at }
  const { change } = delivery
  const event = { __typename: change.type, ...place }
  switch (change.type) {
    case 'MessageSent':
      return { ...event, message: sentMessage(delivery) }
    case 'MessageEdited':
    case 'MessageDeleted':
      return { ...event, message: change.message }
    case 'MemberJoined':
      return { ...event, member: joinedMember(delivery) }
    case 'MemberChanged':
      return { ...event, member: change.member }
    case 'MemberLeft':
      return { ...event, userId: change.userId, user: { id: change.userId }, reason: change.reason }
    case 'RoomUpdated':
      return { ...event, room: (_: unknown, { loaders }: Context) => loaders.room.load(roomId) }
    case 'ReadUpTo':
      return {
        ...event,
        userId: change.userId,
        user: { id: change.userId },
        upTo: toCursor(roomId, { seq: change.upTo, id: change.upToId ?? '' }),
      }
    default:
      return change satisfies never
  }
}
