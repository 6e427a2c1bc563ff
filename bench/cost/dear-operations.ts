import { getIntrospectionQuery } from 'graphql'

/** What an operation is made for: ids that exist, and a name that no operation before has used. */
export interface Seed {
  rooms: string[]
  userId: string
  unique: string
}

const message = 'id roomId senderId seq cursor clientMessageId text createdAt editedAt deletedAt'
const many = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ')

/** Operations near the bounds, each dear in another way. `unique` keeps every one from being known by its text. */
export const dearOperations: Record<string, (seed: Seed) => string> = {
  nothing: () => '{ __typename }',
  'the room list': ({ unique }) =>
    `{ rooms(first: 50) { edges { ${unique}: cursor node { id name unreadCount lastMessage { text sender { displayName } } } } } }`,
  'messages in rooms': ({ unique }) =>
    `{ rooms(first: 30) { edges { node { messages(last: 20) { edges { ${unique}: cursor node { ${message} } } } } } } }`,
  'senders in pages': ({ unique }) =>
    `{ rooms(first: 10) { edges { node { messages(last: 100) { edges { node { ${unique}: sender { username } } } } } } } }`,
  'cursors in pages': ({ unique }) =>
    `{ rooms(first: 15) { edges { node { messages(last: 100) { edges { ${unique}: cursor } } } } } }`,
  'pages of which nothing is selected': ({ unique }) =>
    `{ rooms(first: 18) { edges { node { messages(last: 100) { pageInfo { ${unique}: endCursor } } } } } }`,
  'the longest texts': ({ rooms, unique }) =>
    `{ ${many(3, (n) => `${unique}${n}: room(id: "${rooms.at(-1 - n)}") { messages(last: 100) { edges { node { text } } } }`)} }`,
  'longer texts than a response may have': ({ rooms, unique }) =>
    `{ ${many(6, (n) => `${unique}${n}: room(id: "${rooms.at(-1 - n)}") { messages(last: 100) { edges { node { text } } } }`)} }`,
  'requests to subgraphs': ({ rooms, unique }) =>
    `{ ${many(28, (n) => `${unique}${n}: room(id: "${rooms[n]}") { lastMessage { sender { username } } }`)} }`,
  'many fields to plan': ({ rooms, unique }) =>
    `{ ${many(28, (n) => `${unique}${n}: room(id: "${rooms[n]}") { ...f }`)} }
    fragment f on Room { id name topic kind createdAt memberCount viewerMembership { userId role joinedAt } lastMessage { id } }`,
  'pages of users': ({ unique }) =>
    `{ ${many(20, (n) => `${unique}${n}: users(first: 40) { edges { node { id username displayName } } }`)} }`,
  'unread counts': ({ unique }) =>
    `{ ${many(4, (n) => `${unique}${n}: rooms(first: 100) { edges { node { unreadCount lastMessage { id } } } }`)} }`,
  introspection: () => getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }),
}
