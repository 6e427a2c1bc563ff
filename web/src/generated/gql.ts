/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  fragment MessageParts on Message {\n    id\n    roomId\n    senderId\n    sender { id username displayName avatarUrl }\n    seq\n    cursor\n    clientMessageId\n    text\n    createdAt\n    editedAt\n    deletedAt\n  }\n": typeof types.MessagePartsFragmentDoc,
    "\n  subscription RoomEvents($roomId: ID!, $after: String) {\n    roomEvents(roomId: $roomId, after: $after) {\n      __typename\n      roomId\n      cursor\n      ... on RoomSnapshot { reset hasPreviousPage messages { ...MessageParts } }\n      ... on MessageSent { message { ...MessageParts } }\n      ... on MessageEdited { message { ...MessageParts } }\n      ... on MessageDeleted { message { ...MessageParts } }\n    }\n  }\n": typeof types.RoomEventsDocument,
    "\n  query Members($roomId: ID!, $after: String) {\n    room(id: $roomId) {\n      id\n      members(first: 100, after: $after) {\n        edges { cursor node { userId role user { id username displayName avatarUrl } } }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n": typeof types.MembersDocument,
    "\n  query UserByUsername($username: String!) { userByUsername(username: $username) { id displayName } }\n": typeof types.UserByUsernameDocument,
    "\n  mutation AddMember($input: AddMemberInput!) { addMember(input: $input) { userId role } }\n": typeof types.AddMemberDocument,
    "\n  mutation RemoveMember($roomId: ID!, $userId: ID!) { removeMember(roomId: $roomId, userId: $userId) }\n": typeof types.RemoveMemberDocument,
    "\n  mutation LeaveRoom($roomId: ID!) { leaveRoom(roomId: $roomId) }\n": typeof types.LeaveRoomDocument,
    "\n  mutation EditMessage($input: EditMessageInput!) { editMessage(input: $input) { ...MessageParts } }\n": typeof types.EditMessageDocument,
    "\n  mutation DeleteMessage($messageId: ID!) { deleteMessage(messageId: $messageId) { ...MessageParts } }\n": typeof types.DeleteMessageDocument,
    "\n  query RoomHeader($roomId: ID!) {\n    room(id: $roomId) {\n      id\n      name\n      topic\n      kind\n      memberCount\n      viewerMembership { userId role }\n    }\n  }\n": typeof types.RoomHeaderDocument,
    "\n  query OlderMessages($roomId: ID!, $before: String!) {\n    room(id: $roomId) {\n      id\n      messages(last: 50, before: $before) {\n        edges { cursor node { ...MessageParts } }\n        pageInfo { hasPreviousPage }\n      }\n    }\n  }\n": typeof types.OlderMessagesDocument,
    "\n  mutation MarkRead($roomId: ID!, $upTo: String!) { markRead(roomId: $roomId, upTo: $upTo) { userId readUpTo } }\n": typeof types.MarkReadDocument,
    "\n  query Rooms($after: String) {\n    rooms(first: 50, after: $after) {\n      edges { cursor node { ...RoomRow } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.RoomsDocument,
    "\n  fragment RoomRow on Room {\n    id\n    name\n    kind\n    createdAt\n    unreadCount\n    lastMessage { id senderId sender { id displayName } text createdAt deletedAt }\n  }\n": typeof types.RoomRowFragmentDoc,
    "\n  query PublicRooms($search: String, $after: String) {\n    publicRooms(search: $search, first: 20, after: $after) {\n      edges { cursor node { id name topic memberCount viewerMembership { userId role } } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.PublicRoomsDocument,
    "\n  mutation CreateRoom($input: CreateRoomInput!) { createRoom(input: $input) { id } }\n": typeof types.CreateRoomDocument,
    "\n  mutation JoinRoom($roomId: ID!) { joinRoom(roomId: $roomId) { id } }\n": typeof types.JoinRoomDocument,
    "\n  mutation SendMessage($input: SendMessageInput!) {\n    sendMessage(input: $input) { duplicate message { ...MessageParts } }\n  }\n": typeof types.SendMessageDocument,
    "\n  fragment SignedInParts on SignedIn {\n    accessToken\n    accessTokenExpiresAt\n    session { id lastSeenAt }\n    userId\n    user { id username displayName avatarUrl }\n  }\n": typeof types.SignedInPartsFragmentDoc,
    "\n  mutation Register($input: RegisterInput!) { register(input: $input) { ...SignedInParts } }\n": typeof types.RegisterDocument,
    "\n  mutation Login($input: LoginInput!) { login(input: $input) { ...SignedInParts } }\n": typeof types.LoginDocument,
    "\n  mutation Refresh { refresh { ...SignedInParts } }\n": typeof types.RefreshDocument,
    "\n  mutation Logout { logout }\n": typeof types.LogoutDocument,
};
const documents: Documents = {
    "\n  fragment MessageParts on Message {\n    id\n    roomId\n    senderId\n    sender { id username displayName avatarUrl }\n    seq\n    cursor\n    clientMessageId\n    text\n    createdAt\n    editedAt\n    deletedAt\n  }\n": types.MessagePartsFragmentDoc,
    "\n  subscription RoomEvents($roomId: ID!, $after: String) {\n    roomEvents(roomId: $roomId, after: $after) {\n      __typename\n      roomId\n      cursor\n      ... on RoomSnapshot { reset hasPreviousPage messages { ...MessageParts } }\n      ... on MessageSent { message { ...MessageParts } }\n      ... on MessageEdited { message { ...MessageParts } }\n      ... on MessageDeleted { message { ...MessageParts } }\n    }\n  }\n": types.RoomEventsDocument,
    "\n  query Members($roomId: ID!, $after: String) {\n    room(id: $roomId) {\n      id\n      members(first: 100, after: $after) {\n        edges { cursor node { userId role user { id username displayName avatarUrl } } }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n": types.MembersDocument,
    "\n  query UserByUsername($username: String!) { userByUsername(username: $username) { id displayName } }\n": types.UserByUsernameDocument,
    "\n  mutation AddMember($input: AddMemberInput!) { addMember(input: $input) { userId role } }\n": types.AddMemberDocument,
    "\n  mutation RemoveMember($roomId: ID!, $userId: ID!) { removeMember(roomId: $roomId, userId: $userId) }\n": types.RemoveMemberDocument,
    "\n  mutation LeaveRoom($roomId: ID!) { leaveRoom(roomId: $roomId) }\n": types.LeaveRoomDocument,
    "\n  mutation EditMessage($input: EditMessageInput!) { editMessage(input: $input) { ...MessageParts } }\n": types.EditMessageDocument,
    "\n  mutation DeleteMessage($messageId: ID!) { deleteMessage(messageId: $messageId) { ...MessageParts } }\n": types.DeleteMessageDocument,
    "\n  query RoomHeader($roomId: ID!) {\n    room(id: $roomId) {\n      id\n      name\n      topic\n      kind\n      memberCount\n      viewerMembership { userId role }\n    }\n  }\n": types.RoomHeaderDocument,
    "\n  query OlderMessages($roomId: ID!, $before: String!) {\n    room(id: $roomId) {\n      id\n      messages(last: 50, before: $before) {\n        edges { cursor node { ...MessageParts } }\n        pageInfo { hasPreviousPage }\n      }\n    }\n  }\n": types.OlderMessagesDocument,
    "\n  mutation MarkRead($roomId: ID!, $upTo: String!) { markRead(roomId: $roomId, upTo: $upTo) { userId readUpTo } }\n": types.MarkReadDocument,
    "\n  query Rooms($after: String) {\n    rooms(first: 50, after: $after) {\n      edges { cursor node { ...RoomRow } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.RoomsDocument,
    "\n  fragment RoomRow on Room {\n    id\n    name\n    kind\n    createdAt\n    unreadCount\n    lastMessage { id senderId sender { id displayName } text createdAt deletedAt }\n  }\n": types.RoomRowFragmentDoc,
    "\n  query PublicRooms($search: String, $after: String) {\n    publicRooms(search: $search, first: 20, after: $after) {\n      edges { cursor node { id name topic memberCount viewerMembership { userId role } } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.PublicRoomsDocument,
    "\n  mutation CreateRoom($input: CreateRoomInput!) { createRoom(input: $input) { id } }\n": types.CreateRoomDocument,
    "\n  mutation JoinRoom($roomId: ID!) { joinRoom(roomId: $roomId) { id } }\n": types.JoinRoomDocument,
    "\n  mutation SendMessage($input: SendMessageInput!) {\n    sendMessage(input: $input) { duplicate message { ...MessageParts } }\n  }\n": types.SendMessageDocument,
    "\n  fragment SignedInParts on SignedIn {\n    accessToken\n    accessTokenExpiresAt\n    session { id lastSeenAt }\n    userId\n    user { id username displayName avatarUrl }\n  }\n": types.SignedInPartsFragmentDoc,
    "\n  mutation Register($input: RegisterInput!) { register(input: $input) { ...SignedInParts } }\n": types.RegisterDocument,
    "\n  mutation Login($input: LoginInput!) { login(input: $input) { ...SignedInParts } }\n": types.LoginDocument,
    "\n  mutation Refresh { refresh { ...SignedInParts } }\n": types.RefreshDocument,
    "\n  mutation Logout { logout }\n": types.LogoutDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment MessageParts on Message {\n    id\n    roomId\n    senderId\n    sender { id username displayName avatarUrl }\n    seq\n    cursor\n    clientMessageId\n    text\n    createdAt\n    editedAt\n    deletedAt\n  }\n"): (typeof documents)["\n  fragment MessageParts on Message {\n    id\n    roomId\n    senderId\n    sender { id username displayName avatarUrl }\n    seq\n    cursor\n    clientMessageId\n    text\n    createdAt\n    editedAt\n    deletedAt\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription RoomEvents($roomId: ID!, $after: String) {\n    roomEvents(roomId: $roomId, after: $after) {\n      __typename\n      roomId\n      cursor\n      ... on RoomSnapshot { reset hasPreviousPage messages { ...MessageParts } }\n      ... on MessageSent { message { ...MessageParts } }\n      ... on MessageEdited { message { ...MessageParts } }\n      ... on MessageDeleted { message { ...MessageParts } }\n    }\n  }\n"): (typeof documents)["\n  subscription RoomEvents($roomId: ID!, $after: String) {\n    roomEvents(roomId: $roomId, after: $after) {\n      __typename\n      roomId\n      cursor\n      ... on RoomSnapshot { reset hasPreviousPage messages { ...MessageParts } }\n      ... on MessageSent { message { ...MessageParts } }\n      ... on MessageEdited { message { ...MessageParts } }\n      ... on MessageDeleted { message { ...MessageParts } }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Members($roomId: ID!, $after: String) {\n    room(id: $roomId) {\n      id\n      members(first: 100, after: $after) {\n        edges { cursor node { userId role user { id username displayName avatarUrl } } }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Members($roomId: ID!, $after: String) {\n    room(id: $roomId) {\n      id\n      members(first: 100, after: $after) {\n        edges { cursor node { userId role user { id username displayName avatarUrl } } }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query UserByUsername($username: String!) { userByUsername(username: $username) { id displayName } }\n"): (typeof documents)["\n  query UserByUsername($username: String!) { userByUsername(username: $username) { id displayName } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddMember($input: AddMemberInput!) { addMember(input: $input) { userId role } }\n"): (typeof documents)["\n  mutation AddMember($input: AddMemberInput!) { addMember(input: $input) { userId role } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RemoveMember($roomId: ID!, $userId: ID!) { removeMember(roomId: $roomId, userId: $userId) }\n"): (typeof documents)["\n  mutation RemoveMember($roomId: ID!, $userId: ID!) { removeMember(roomId: $roomId, userId: $userId) }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation LeaveRoom($roomId: ID!) { leaveRoom(roomId: $roomId) }\n"): (typeof documents)["\n  mutation LeaveRoom($roomId: ID!) { leaveRoom(roomId: $roomId) }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EditMessage($input: EditMessageInput!) { editMessage(input: $input) { ...MessageParts } }\n"): (typeof documents)["\n  mutation EditMessage($input: EditMessageInput!) { editMessage(input: $input) { ...MessageParts } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteMessage($messageId: ID!) { deleteMessage(messageId: $messageId) { ...MessageParts } }\n"): (typeof documents)["\n  mutation DeleteMessage($messageId: ID!) { deleteMessage(messageId: $messageId) { ...MessageParts } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query RoomHeader($roomId: ID!) {\n    room(id: $roomId) {\n      id\n      name\n      topic\n      kind\n      memberCount\n      viewerMembership { userId role }\n    }\n  }\n"): (typeof documents)["\n  query RoomHeader($roomId: ID!) {\n    room(id: $roomId) {\n      id\n      name\n      topic\n      kind\n      memberCount\n      viewerMembership { userId role }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query OlderMessages($roomId: ID!, $before: String!) {\n    room(id: $roomId) {\n      id\n      messages(last: 50, before: $before) {\n        edges { cursor node { ...MessageParts } }\n        pageInfo { hasPreviousPage }\n      }\n    }\n  }\n"): (typeof documents)["\n  query OlderMessages($roomId: ID!, $before: String!) {\n    room(id: $roomId) {\n      id\n      messages(last: 50, before: $before) {\n        edges { cursor node { ...MessageParts } }\n        pageInfo { hasPreviousPage }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation MarkRead($roomId: ID!, $upTo: String!) { markRead(roomId: $roomId, upTo: $upTo) { userId readUpTo } }\n"): (typeof documents)["\n  mutation MarkRead($roomId: ID!, $upTo: String!) { markRead(roomId: $roomId, upTo: $upTo) { userId readUpTo } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Rooms($after: String) {\n    rooms(first: 50, after: $after) {\n      edges { cursor node { ...RoomRow } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"): (typeof documents)["\n  query Rooms($after: String) {\n    rooms(first: 50, after: $after) {\n      edges { cursor node { ...RoomRow } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment RoomRow on Room {\n    id\n    name\n    kind\n    createdAt\n    unreadCount\n    lastMessage { id senderId sender { id displayName } text createdAt deletedAt }\n  }\n"): (typeof documents)["\n  fragment RoomRow on Room {\n    id\n    name\n    kind\n    createdAt\n    unreadCount\n    lastMessage { id senderId sender { id displayName } text createdAt deletedAt }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PublicRooms($search: String, $after: String) {\n    publicRooms(search: $search, first: 20, after: $after) {\n      edges { cursor node { id name topic memberCount viewerMembership { userId role } } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"): (typeof documents)["\n  query PublicRooms($search: String, $after: String) {\n    publicRooms(search: $search, first: 20, after: $after) {\n      edges { cursor node { id name topic memberCount viewerMembership { userId role } } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateRoom($input: CreateRoomInput!) { createRoom(input: $input) { id } }\n"): (typeof documents)["\n  mutation CreateRoom($input: CreateRoomInput!) { createRoom(input: $input) { id } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation JoinRoom($roomId: ID!) { joinRoom(roomId: $roomId) { id } }\n"): (typeof documents)["\n  mutation JoinRoom($roomId: ID!) { joinRoom(roomId: $roomId) { id } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SendMessage($input: SendMessageInput!) {\n    sendMessage(input: $input) { duplicate message { ...MessageParts } }\n  }\n"): (typeof documents)["\n  mutation SendMessage($input: SendMessageInput!) {\n    sendMessage(input: $input) { duplicate message { ...MessageParts } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment SignedInParts on SignedIn {\n    accessToken\n    accessTokenExpiresAt\n    session { id lastSeenAt }\n    userId\n    user { id username displayName avatarUrl }\n  }\n"): (typeof documents)["\n  fragment SignedInParts on SignedIn {\n    accessToken\n    accessTokenExpiresAt\n    session { id lastSeenAt }\n    userId\n    user { id username displayName avatarUrl }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Register($input: RegisterInput!) { register(input: $input) { ...SignedInParts } }\n"): (typeof documents)["\n  mutation Register($input: RegisterInput!) { register(input: $input) { ...SignedInParts } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Login($input: LoginInput!) { login(input: $input) { ...SignedInParts } }\n"): (typeof documents)["\n  mutation Login($input: LoginInput!) { login(input: $input) { ...SignedInParts } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Refresh { refresh { ...SignedInParts } }\n"): (typeof documents)["\n  mutation Refresh { refresh { ...SignedInParts } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Logout { logout }\n"): (typeof documents)["\n  mutation Logout { logout }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;