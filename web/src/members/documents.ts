import { graphql } from '../generated/gql.ts'

export const Members = graphql(`
  query Members($roomId: ID!, $after: String) {
    room(id: $roomId) {
      id
      members(first: 100, after: $after) {
        edges { cursor node { userId role user { id username displayName avatarUrl } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`)

export const UserByUsername = graphql(`
  query UserByUsername($username: String!) { userByUsername(username: $username) { id displayName } }
`)

export const AddMember = graphql(`
  mutation AddMember($input: AddMemberInput!) { addMember(input: $input) { userId role } }
`)

export const RemoveMember = graphql(`
  mutation RemoveMember($roomId: ID!, $userId: ID!) { removeMember(roomId: $roomId, userId: $userId) }
`)

export const LeaveRoom = graphql(`
  mutation LeaveRoom($roomId: ID!) { leaveRoom(roomId: $roomId) }
`)
