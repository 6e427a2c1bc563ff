import { graphql } from '../generated/gql.ts'
import type { RoomEventsSubscription } from '../generated/graphql.ts'

export type RoomEvent = RoomEventsSubscription['roomEvents']

export const MessageParts = graphql(`
  fragment MessageParts on Message {
    id
    roomId
    senderId
    sender { id username displayName avatarUrl }
    seq
    cursor
    clientMessageId
    text
    createdAt
    editedAt
    deletedAt
  }
`)

export const RoomEvents = graphql(`
  subscription RoomEvents($roomId: ID!, $after: String) {
    roomEvents(roomId: $roomId, after: $after) {
      __typename
      roomId
      cursor
      ... on RoomSnapshot { reset hasPreviousPage messages { ...MessageParts } }
      ... on MessageSent { message { ...MessageParts } }
      ... on MessageEdited { message { ...MessageParts } }
      ... on MessageDeleted { message { ...MessageParts } }
    }
  }
`)
