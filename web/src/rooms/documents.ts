import { graphql } from '../generated/gql.ts'

export const Rooms = graphql(`
  query Rooms($after: String) {
    rooms(first: 50, after: $after) {
      edges { cursor node { ...RoomRow } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

export const RoomRowParts = graphql(`
  fragment RoomRow on Room {
    id
    name
    kind
    createdAt
    unreadCount
    lastMessage { id senderId sender { id displayName } text createdAt deletedAt }
  }
`)

export const PublicRooms = graphql(`
  query PublicRooms($search: String, $after: String) {
    publicRooms(search: $search, first: 20, after: $after) {
      edges { cursor node { id name topic memberCount viewerMembership { userId role } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

export const CreateRoom = graphql(`
  mutation CreateRoom($input: CreateRoomInput!) { createRoom(input: $input) { id } }
`)

export const JoinRoom = graphql(`
  mutation JoinRoom($roomId: ID!) { joinRoom(roomId: $roomId) { id } }
`)
