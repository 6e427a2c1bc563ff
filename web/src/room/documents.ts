import { graphql } from '../generated/gql.ts'

export const RoomHeader = graphql(`
  query RoomHeader($roomId: ID!) {
    room(id: $roomId) {
      id
      name
      topic
      kind
      memberCount
      viewerMembership { userId role }
    }
  }
`)

export const OlderMessages = graphql(`
  query OlderMessages($roomId: ID!, $before: String!) {
    room(id: $roomId) {
      id
      messages(last: 50, before: $before) {
        edges { cursor node { ...MessageParts } }
        pageInfo { hasPreviousPage }
      }
    }
  }
`)

export const MarkRead = graphql(`
  mutation MarkRead($roomId: ID!, $upTo: String!) { markRead(roomId: $roomId, upTo: $upTo) { userId readUpTo } }
`)
