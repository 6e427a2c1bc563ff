import { DateTime } from '../../../platform/graphql/date-time.ts'
import { memberFields, memberMutations } from './members.ts'
import { messageFields, messageMutations } from './messages.ts'
import { roomEvents } from './room-events.ts'
import { roomFields, roomMutations, roomQueries } from './rooms.ts'

export const resolvers = {
  DateTime,
  Query: roomQueries,
  Mutation: { ...roomMutations, ...memberMutations, ...messageMutations },
  Subscription: { roomEvents },
  Room: roomFields,
  RoomMember: memberFields,
  Message: messageFields,
}
