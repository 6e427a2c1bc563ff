import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { Room as RoomState } from '../domain/room.ts';
import type { Membership, Message as MessageState } from '../domain/room-event.ts';
import type { Context } from '../context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A moment as RFC 3339 text in UTC, for example `2026-01-31T09:30:00.000Z`. */
  DateTime: { input: Date; output: Date; }
  _FieldSet: { input: unknown; output: unknown; }
};

/** A user to add to a room. */
export type AddMemberInput = {
  /** The role to give. */
  role?: InputMaybe<RoomRole>;
  /** The room. */
  roomId: Scalars['ID']['input'];
  /** The user to add. */
  userId: Scalars['ID']['input'];
};

/** Everything that was missed has been delivered; what follows is live. */
export type CaughtUp = RoomEvent & {
  __typename?: 'CaughtUp';
  /** When the last event that was delivered happened. */
  at: Scalars['DateTime']['output'];
  /** The position of the last event that was delivered. */
  cursor?: Maybe<Scalars['String']['output']>;
  /** The room. */
  roomId: Scalars['ID']['output'];
};

/** A room to make. */
export type CreateRoomInput = {
  /** Who can find and join it. */
  kind: RoomKind;
  /** 1 to 80 characters. */
  name: Scalars['String']['input'];
  /** At most 250 characters. */
  topic?: InputMaybe<Scalars['String']['input']>;
};

/** A message to change. */
export type EditMessageInput = {
  /** The message. */
  messageId: Scalars['ID']['input'];
  /** 1 to 4,000 characters, not blank. */
  text: Scalars['String']['input'];
};

/** Why a membership ended. */
export type LeaveReason =
  /** An owner or moderator banned the member. */
  | 'BANNED'
  /** The member left. */
  | 'LEFT'
  /** An owner or moderator removed the member. */
  | 'REMOVED';

/** A member's role changed. */
export type MemberChanged = RoomEvent & {
  __typename?: 'MemberChanged';
  /** When it happened. */
  at: Scalars['DateTime']['output'];
  /** The position of this event. */
  cursor?: Maybe<Scalars['String']['output']>;
  /** The membership as it is after the change. */
  member: RoomMember;
  /** The room. */
  roomId: Scalars['ID']['output'];
};

/** A user became a member. */
export type MemberJoined = RoomEvent & {
  __typename?: 'MemberJoined';
  /** When it happened. */
  at: Scalars['DateTime']['output'];
  /** The position of this event. */
  cursor?: Maybe<Scalars['String']['output']>;
  /** The new membership. */
  member: RoomMember;
  /** The room. */
  roomId: Scalars['ID']['output'];
};

/** A membership ended. */
export type MemberLeft = RoomEvent & {
  __typename?: 'MemberLeft';
  /** When it happened. */
  at: Scalars['DateTime']['output'];
  /** The position of this event. */
  cursor?: Maybe<Scalars['String']['output']>;
  /** Why. */
  reason: LeaveReason;
  /** The room. */
  roomId: Scalars['ID']['output'];
  /** Their profile; null with an error when the profile subgraph is away. */
  user?: Maybe<User>;
  /** Who is no longer a member. */
  userId: Scalars['ID']['output'];
};

/** A message. Its place in the room never changes; its text may. */
export type Message = {
  __typename?: 'Message';
  /** The id that the sending client gave it. */
  clientMessageId: Scalars['String']['output'];
  /** When it was committed. */
  createdAt: Scalars['DateTime']['output'];
  /** Its position as an opaque cursor, for `after`, `before` and `markRead`. It names this very event, not only its number. */
  cursor: Scalars['String']['output'];
  /** When it was deleted; null while it stands. */
  deletedAt?: Maybe<Scalars['DateTime']['output']>;
  /** When its text was last replaced; null when never. */
  editedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The message's id (UUIDv7). */
  id: Scalars['ID']['output'];
  /** The room that it belongs to. */
  roomId: Scalars['ID']['output'];
  /** The sender's profile; null with an error when the profile subgraph is away. */
  sender?: Maybe<User>;
  /** Who sent it. */
  senderId: Scalars['ID']['output'];
  /** Its number in the room's log. Numbers rise; other events have numbers too. */
  seq: Scalars['Int']['output'];
  /**
   * The text; `""` once deleted. In an event that is older than the message's last edit it is `""` too: the edit follows.
   * It is plain text: escape it before you show it.
   */
  text: Scalars['String']['output'];
};

/** A page of messages. */
export type MessageConnection = {
  __typename?: 'MessageConnection';
  /** The messages of this page with their cursors, in `seq` order. */
  edges: Array<MessageEdge>;
  /** Where this page lies. */
  pageInfo: PageInfo;
};

/** A message was deleted. */
export type MessageDeleted = RoomEvent & {
  __typename?: 'MessageDeleted';
  /** When it happened. */
  at: Scalars['DateTime']['output'];
  /** The position of this event. */
  cursor?: Maybe<Scalars['String']['output']>;
  /** The tombstone. */
  message: Message;
  /** The room. */
  roomId: Scalars['ID']['output'];
};

/** A message in a page. */
export type MessageEdge = {
  __typename?: 'MessageEdge';
  /** Pass it as `after` or `before` for its neighbours. */
  cursor: Scalars['String']['output'];
  /** The message. */
  node: Message;
};

/** A message's text was replaced. */
export type MessageEdited = RoomEvent & {
  __typename?: 'MessageEdited';
  /** When it happened. */
  at: Scalars['DateTime']['output'];
  /** The position of this event. */
  cursor?: Maybe<Scalars['String']['output']>;
  /** The message as it is after the change. */
  message: Message;
  /** The room. */
  roomId: Scalars['ID']['output'];
};

/** A message was committed. */
export type MessageSent = RoomEvent & {
  __typename?: 'MessageSent';
  /** When it happened. */
  at: Scalars['DateTime']['output'];
  /** The position of this event. */
  cursor?: Maybe<Scalars['String']['output']>;
  /** The message. */
  message: Message;
  /** The room. */
  roomId: Scalars['ID']['output'];
};

/** What can be changed. */
export type Mutation = {
  __typename?: 'Mutation';
  /**
   * Adds a user, or takes back a ban. Owners and moderators; only owners give a role above `MEMBER`. `NOT_FOUND` when nobody has the id,
   * `UNAVAILABLE` when it may be that of an account that is so new that word of it has not come yet.
   */
  addMember: RoomMember;
  /** Sets a member's role. Owners only. `CONFLICT` when no owner would remain. */
  changeRole: RoomMember;
  /** Makes a room with the viewer as its owner. */
  createRoom: Room;
  /** Deletes the text and leaves a tombstone. The sender, or someone of a higher role. Deleting twice is harmless. */
  deleteMessage: Message;
  /** Replaces the text. The sender only. */
  editMessage: Message;
  /**
   * Makes the viewer a member of a public room, and its owner when nobody is in it. Joining twice is harmless. `FORBIDDEN` to a banned
   * user.
   */
  joinRoom: Room;
  /**
   * Ends the viewer's membership. `CONFLICT` for the only owner while others remain: give another member the role `OWNER` first. A private
   * room that its last member leaves is closed for ever.
   */
  leaveRoom: Scalars['Boolean']['output'];
  /**
   * Moves the viewer's read position to the event with this cursor. It never moves backwards. `BAD_USER_INPUT` for a cursor of an event
   * that the room no longer has.
   */
  markRead: RoomMember;
  /** Removes a member of a lower role; with `ban`, also keeps them from joining again. Owners and moderators. */
  removeMember: Scalars['Boolean']['output'];
  /**
   * Commits a message once per `clientMessageId`. A repeat returns the message as it stands, with `duplicate: true`. To a sender who is
   * no longer a member, a repeat says that the message was committed, with `text: ""`, and nothing of what became of it.
   */
  sendMessage: SentMessage;
  /** Changes the name or topic. Owners and moderators. */
  updateRoom: Room;
};


/** What can be changed. */
export type MutationAddMemberArgs = {
  input: AddMemberInput;
};


/** What can be changed. */
export type MutationChangeRoleArgs = {
  role: RoomRole;
  roomId: Scalars['ID']['input'];
  userId: Scalars['ID']['input'];
};


/** What can be changed. */
export type MutationCreateRoomArgs = {
  input: CreateRoomInput;
};


/** What can be changed. */
export type MutationDeleteMessageArgs = {
  messageId: Scalars['ID']['input'];
};


/** What can be changed. */
export type MutationEditMessageArgs = {
  input: EditMessageInput;
};


/** What can be changed. */
export type MutationJoinRoomArgs = {
  roomId: Scalars['ID']['input'];
};


/** What can be changed. */
export type MutationLeaveRoomArgs = {
  roomId: Scalars['ID']['input'];
};


/** What can be changed. */
export type MutationMarkReadArgs = {
  roomId: Scalars['ID']['input'];
  upTo: Scalars['String']['input'];
};


/** What can be changed. */
export type MutationRemoveMemberArgs = {
  ban?: InputMaybe<Scalars['Boolean']['input']>;
  roomId: Scalars['ID']['input'];
  userId: Scalars['ID']['input'];
};


/** What can be changed. */
export type MutationSendMessageArgs = {
  input: SendMessageInput;
};


/** What can be changed. */
export type MutationUpdateRoomArgs = {
  input: UpdateRoomInput;
};

/** Where a page lies in its list (Relay connections). */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** The cursor of the last edge; null on an empty page. */
  endCursor?: Maybe<Scalars['String']['output']>;
  /** Whether more follows this page. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Whether something comes before this page. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first edge; null on an empty page. */
  startCursor?: Maybe<Scalars['String']['output']>;
};

/** What can be read. */
export type Query = {
  __typename?: 'Query';
  /** Public rooms whose name starts with `search`, by name. At most 100 a page. */
  publicRooms: RoomConnection;
  /** A room that is public or that the viewer is a member of; null otherwise, and when there is none. */
  room?: Maybe<Room>;
  /** The viewer's rooms, the last joined first. At most 100 a page. */
  rooms: RoomConnection;
};


/** What can be read. */
export type QueryPublicRoomsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  search?: InputMaybe<Scalars['String']['input']>;
};


/** What can be read. */
export type QueryRoomArgs = {
  id: Scalars['ID']['input'];
};


/** What can be read. */
export type QueryRoomsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** A member's read position moved. */
export type ReadUpTo = RoomEvent & {
  __typename?: 'ReadUpTo';
  /** When it happened. */
  at: Scalars['DateTime']['output'];
  /** The position of this event. */
  cursor?: Maybe<Scalars['String']['output']>;
  /** The room. */
  roomId: Scalars['ID']['output'];
  /** The cursor up to which they have read. */
  upTo: Scalars['String']['output'];
  /** Their profile; null with an error when the profile subgraph is away. */
  user?: Maybe<User>;
  /** Who has read. */
  userId: Scalars['ID']['output'];
};

/** A room: an ordered log of events, and what they add up to. */
export type Room = {
  __typename?: 'Room';
  /** When it was made. */
  createdAt: Scalars['DateTime']['output'];
  /** The room's id (UUIDv7). */
  id: Scalars['ID']['output'];
  /** Who can find and join it. */
  kind: RoomKind;
  /** The newest message; null in an empty room, and to those who are not members. */
  lastMessage?: Maybe<Message>;
  /** How many members it has. */
  memberCount: Scalars['Int']['output'];
  /** Its members, the first joined first. Members only. At most 100 a page. */
  members: RoomMemberConnection;
  /**
   * Its messages in `seq` order, from either end; the last 100 when nothing is asked. Members only. At most 100 a page. `BAD_USER_INPUT`
   * for a cursor of an event that the room no longer has.
   */
  messages: MessageConnection;
  /** Its name. */
  name?: Maybe<Scalars['String']['output']>;
  /** What it is about. */
  topic?: Maybe<Scalars['String']['output']>;
  /**
   * How many messages of others lie after the viewer's read position, deleted ones left out. Only the 1,000 newest messages of the room are
   * looked at. 0 when the viewer is not a member.
   */
  unreadCount: Scalars['Int']['output'];
  /** The viewer's own membership; null when the viewer is not a member. */
  viewerMembership?: Maybe<RoomMember>;
};


/** A room: an ordered log of events, and what they add up to. */
export type RoomMembersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** A room: an ordered log of events, and what they add up to. */
export type RoomMessagesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};

/** A page of rooms. */
export type RoomConnection = {
  __typename?: 'RoomConnection';
  /** The rooms of this page with their cursors. */
  edges: Array<RoomEdge>;
  /** Where this page lies. */
  pageInfo: PageInfo;
};

/** A room in a page. */
export type RoomEdge = {
  __typename?: 'RoomEdge';
  /** Pass it as `after` for what follows. */
  cursor: Scalars['String']['output'];
  /** The room. */
  node: Room;
};

/** Something that happened in a room. */
export type RoomEvent = {
  /** When it happened. */
  at: Scalars['DateTime']['output'];
  /** The position after this event: resume with it as `after`. Null on ephemeral events only. */
  cursor?: Maybe<Scalars['String']['output']>;
  /** The room. */
  roomId: Scalars['ID']['output'];
};

/** Who can find and join a room. */
export type RoomKind =
  /** Only whom a member adds. */
  | 'PRIVATE'
  /** Everyone. */
  | 'PUBLIC';

/** A user's membership of a room. */
export type RoomMember = {
  __typename?: 'RoomMember';
  /** When the membership began. */
  joinedAt: Scalars['DateTime']['output'];
  /** The cursor up to which the member has read; null before the first time. */
  readUpTo?: Maybe<Scalars['String']['output']>;
  /** What the member may do. */
  role: RoomRole;
  /** The member's profile; null with an error when the profile subgraph is away. */
  user?: Maybe<User>;
  /** The member's id. */
  userId: Scalars['ID']['output'];
};

/** A page of members. */
export type RoomMemberConnection = {
  __typename?: 'RoomMemberConnection';
  /** The members of this page with their cursors. */
  edges: Array<RoomMemberEdge>;
  /** Where this page lies. */
  pageInfo: PageInfo;
};

/** A member in a page. */
export type RoomMemberEdge = {
  __typename?: 'RoomMemberEdge';
  /** Pass it as `after` for what follows. */
  cursor: Scalars['String']['output'];
  /** The member. */
  node: RoomMember;
};

/** What a member may do. */
export type RoomRole =
  /** Read and send. */
  | 'MEMBER'
  /** Change the room, add and remove members, delete the messages of members. */
  | 'MODERATOR'
  /** Everything. */
  | 'OWNER';

/** Where a subscription starts when it does not resume: the last messages, and the cursor from which live events follow. */
export type RoomSnapshot = RoomEvent & {
  __typename?: 'RoomSnapshot';
  /** When the last event that it includes happened. */
  at: Scalars['DateTime']['output'];
  /** The position of the snapshot. */
  cursor?: Maybe<Scalars['String']['output']>;
  /** Whether the room has messages before the first one here. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /**
   * The last 100 messages, or as many of the newest as fit in a bound in bytes (256 kB unless configured otherwise), in `seq` order. What
   * is older comes in pages: `Room.messages(last:, before:)` with the cursor of the first one here.
   */
  messages: Array<Message>;
  /** True when the cursor to resume from was unknown, too far behind, or of an event that is no longer there: forget what was there before. */
  reset: Scalars['Boolean']['output'];
  /** The room. */
  roomId: Scalars['ID']['output'];
};

/** The room was made, or its name or topic changed. */
export type RoomUpdated = RoomEvent & {
  __typename?: 'RoomUpdated';
  /** When it happened. */
  at: Scalars['DateTime']['output'];
  /** The position of this event. */
  cursor?: Maybe<Scalars['String']['output']>;
  /** The room as it is now. */
  room: Room;
  /** The room. */
  roomId: Scalars['ID']['output'];
};

/** A message to send. */
export type SendMessageInput = {
  /** 1 to 64 characters that the client makes up once per message (a UUID is fine) and repeats on every retry. */
  clientMessageId: Scalars['String']['input'];
  /** The room to send it to. */
  roomId: Scalars['ID']['input'];
  /** 1 to 4,000 characters, not blank. */
  text: Scalars['String']['input'];
};

/** What became of a send. */
export type SentMessage = {
  __typename?: 'SentMessage';
  /** Whether the message had been committed by an earlier send with the same `clientMessageId`. */
  duplicate: Scalars['Boolean']['output'];
  /** The message as it was committed; in a repeat, as it stands. */
  message: Message;
};

/** What can be followed. */
export type Subscription = {
  __typename?: 'Subscription';
  /**
   * The events of a room, in order, without holes and without repeats. Members only; it completes when the viewer's membership ends.
   *
   * Without `after`: a `RoomSnapshot` (the last messages), then what is live. With `after`: every event after that cursor, then
   * `CaughtUp`, then what is live. A cursor that is unknown or too far behind gives a `RoomSnapshot` with `reset: true`; so does one
   * of an event that the room no longer has, because it was restored from a backup, also while it is followed.
   * A client that always resumes with the last cursor that it saw sees every event exactly once.
   */
  roomEvents: RoomEvent;
};


/** What can be followed. */
export type SubscriptionRoomEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  roomId: Scalars['ID']['input'];
};

/** The fields to change. */
export type UpdateRoomInput = {
  /** 1 to 80 characters; cannot be cleared. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** The room to change. */
  roomId: Scalars['ID']['input'];
  /** At most 250 characters, or null to clear it. */
  topic?: InputMaybe<Scalars['String']['input']>;
};

/** A user; chat knows the id only. */
export type User = {
  __typename?: 'User';
  /** The user's id (UUIDv7). */
  id: Scalars['ID']['output'];
};



export type ResolverTypeWrapper<T> = Promise<T> | T;

export type ReferenceResolver<TResult, TReference, TContext> = (
      reference: TReference,
      context: TContext,
      info: GraphQLResolveInfo
    ) => Promise<TResult> | TResult;

      type ScalarCheck<T, S> = S extends true ? T : NullableCheck<T, S>;
      type NullableCheck<T, S> = Maybe<T> extends T ? Maybe<ListCheck<NonNullable<T>, S>> : ListCheck<T, S>;
      type ListCheck<T, S> = T extends (infer U)[] ? NullableCheck<U, S>[] : GraphQLRecursivePick<T, S>;
      export type GraphQLRecursivePick<T, S> = { [K in keyof T & keyof S]: ScalarCheck<T[K], S[K]> };
    

export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

/** Mapping of federation types */
export type FederationTypes = {
  Message: Message;
  Room: Room;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Message:
    ( { __typename: 'Message' }
    & GraphQLRecursivePick<FederationTypes['Message'], {"id":true}> );
  Room:
    ( { __typename: 'Room' }
    & GraphQLRecursivePick<FederationTypes['Room'], {"id":true}> );
};


/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  RoomEvent:
    | ( CaughtUp )
    | ( Omit<MemberChanged, 'member'> & { member: _RefType['RoomMember'] } )
    | ( Omit<MemberJoined, 'member'> & { member: _RefType['RoomMember'] } )
    | ( MemberLeft )
    | ( Omit<MessageDeleted, 'message'> & { message: _RefType['Message'] } )
    | ( Omit<MessageEdited, 'message'> & { message: _RefType['Message'] } )
    | ( Omit<MessageSent, 'message'> & { message: _RefType['Message'] } )
    | ( ReadUpTo )
    | ( Omit<RoomSnapshot, 'messages'> & { messages: Array<_RefType['Message']> } )
    | ( Omit<RoomUpdated, 'room'> & { room: _RefType['Room'] } )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  AddMemberInput: AddMemberInput;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  CaughtUp: ResolverTypeWrapper<CaughtUp>;
  CreateRoomInput: CreateRoomInput;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  EditMessageInput: EditMessageInput;
  LeaveReason: LeaveReason;
  MemberChanged: ResolverTypeWrapper<Omit<MemberChanged, 'member'> & { member: ResolversTypes['RoomMember'] }>;
  MemberJoined: ResolverTypeWrapper<Omit<MemberJoined, 'member'> & { member: ResolversTypes['RoomMember'] }>;
  MemberLeft: ResolverTypeWrapper<MemberLeft>;
  Message: ResolverTypeWrapper<MessageState>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  MessageConnection: ResolverTypeWrapper<Omit<MessageConnection, 'edges'> & { edges: Array<ResolversTypes['MessageEdge']> }>;
  MessageDeleted: ResolverTypeWrapper<Omit<MessageDeleted, 'message'> & { message: ResolversTypes['Message'] }>;
  MessageEdge: ResolverTypeWrapper<Omit<MessageEdge, 'node'> & { node: ResolversTypes['Message'] }>;
  MessageEdited: ResolverTypeWrapper<Omit<MessageEdited, 'message'> & { message: ResolversTypes['Message'] }>;
  MessageSent: ResolverTypeWrapper<Omit<MessageSent, 'message'> & { message: ResolversTypes['Message'] }>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  ReadUpTo: ResolverTypeWrapper<ReadUpTo>;
  Room: ResolverTypeWrapper<RoomState>;
  RoomConnection: ResolverTypeWrapper<Omit<RoomConnection, 'edges'> & { edges: Array<ResolversTypes['RoomEdge']> }>;
  RoomEdge: ResolverTypeWrapper<Omit<RoomEdge, 'node'> & { node: ResolversTypes['Room'] }>;
  RoomEvent: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['RoomEvent']>;
  RoomKind: RoomKind;
  RoomMember: ResolverTypeWrapper<Membership>;
  RoomMemberConnection: ResolverTypeWrapper<Omit<RoomMemberConnection, 'edges'> & { edges: Array<ResolversTypes['RoomMemberEdge']> }>;
  RoomMemberEdge: ResolverTypeWrapper<Omit<RoomMemberEdge, 'node'> & { node: ResolversTypes['RoomMember'] }>;
  RoomRole: RoomRole;
  RoomSnapshot: ResolverTypeWrapper<Omit<RoomSnapshot, 'messages'> & { messages: Array<ResolversTypes['Message']> }>;
  RoomUpdated: ResolverTypeWrapper<Omit<RoomUpdated, 'room'> & { room: ResolversTypes['Room'] }>;
  SendMessageInput: SendMessageInput;
  SentMessage: ResolverTypeWrapper<Omit<SentMessage, 'message'> & { message: ResolversTypes['Message'] }>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  UpdateRoomInput: UpdateRoomInput;
  User: ResolverTypeWrapper<User>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  AddMemberInput: AddMemberInput;
  ID: Scalars['ID']['output'];
  CaughtUp: CaughtUp;
  CreateRoomInput: CreateRoomInput;
  DateTime: Scalars['DateTime']['output'];
  EditMessageInput: EditMessageInput;
  MemberChanged: Omit<MemberChanged, 'member'> & { member: ResolversParentTypes['RoomMember'] };
  MemberJoined: Omit<MemberJoined, 'member'> & { member: ResolversParentTypes['RoomMember'] };
  MemberLeft: MemberLeft;
  Message: MessageState;
  Int: Scalars['Int']['output'];
  MessageConnection: Omit<MessageConnection, 'edges'> & { edges: Array<ResolversParentTypes['MessageEdge']> };
  MessageDeleted: Omit<MessageDeleted, 'message'> & { message: ResolversParentTypes['Message'] };
  MessageEdge: Omit<MessageEdge, 'node'> & { node: ResolversParentTypes['Message'] };
  MessageEdited: Omit<MessageEdited, 'message'> & { message: ResolversParentTypes['Message'] };
  MessageSent: Omit<MessageSent, 'message'> & { message: ResolversParentTypes['Message'] };
  Mutation: Record<PropertyKey, never>;
  Boolean: Scalars['Boolean']['output'];
  PageInfo: PageInfo;
  Query: Record<PropertyKey, never>;
  ReadUpTo: ReadUpTo;
  Room: RoomState;
  RoomConnection: Omit<RoomConnection, 'edges'> & { edges: Array<ResolversParentTypes['RoomEdge']> };
  RoomEdge: Omit<RoomEdge, 'node'> & { node: ResolversParentTypes['Room'] };
  RoomEvent: ResolversInterfaceTypes<ResolversParentTypes>['RoomEvent'];
  RoomMember: Membership;
  RoomMemberConnection: Omit<RoomMemberConnection, 'edges'> & { edges: Array<ResolversParentTypes['RoomMemberEdge']> };
  RoomMemberEdge: Omit<RoomMemberEdge, 'node'> & { node: ResolversParentTypes['RoomMember'] };
  RoomSnapshot: Omit<RoomSnapshot, 'messages'> & { messages: Array<ResolversParentTypes['Message']> };
  RoomUpdated: Omit<RoomUpdated, 'room'> & { room: ResolversParentTypes['Room'] };
  SendMessageInput: SendMessageInput;
  SentMessage: Omit<SentMessage, 'message'> & { message: ResolversParentTypes['Message'] };
  Subscription: Record<PropertyKey, never>;
  UpdateRoomInput: UpdateRoomInput;
  User: User;
  String: Scalars['String']['output'];
};

export type IdempotentDirectiveArgs = { };

export type IdempotentDirectiveResolver<Result, Parent, ContextType = Context, Args = IdempotentDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type LinkDirectiveArgs = {
  import?: Maybe<Array<Maybe<Scalars['String']['input']>>>;
  url: Scalars['String']['input'];
};

export type LinkDirectiveResolver<Result, Parent, ContextType = Context, Args = LinkDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ResumableDirectiveArgs = {
  cursorArgument: Scalars['String']['input'];
};

export type ResumableDirectiveResolver<Result, Parent, ContextType = Context, Args = ResumableDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type ViewerDependentDirectiveArgs = { };

export type ViewerDependentDirectiveResolver<Result, Parent, ContextType = Context, Args = ViewerDependentDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type CaughtUpResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CaughtUp'] = ResolversParentTypes['CaughtUp']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  roomId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type MemberChangedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MemberChanged'] = ResolversParentTypes['MemberChanged']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  member?: Resolver<ResolversTypes['RoomMember'], ParentType, ContextType>;
  roomId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MemberJoinedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MemberJoined'] = ResolversParentTypes['MemberJoined']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  member?: Resolver<ResolversTypes['RoomMember'], ParentType, ContextType>;
  roomId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MemberLeftResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MemberLeft'] = ResolversParentTypes['MemberLeft']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['LeaveReason'], ParentType, ContextType>;
  roomId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  userId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MessageResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Message'] = ResolversParentTypes['Message'], FederationReferenceType extends FederationReferenceTypes['Message'] = FederationReferenceTypes['Message']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Message']> | FederationReferenceType, FederationReferenceType, ContextType>;
  clientMessageId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  deletedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  editedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  roomId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  sender?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  senderId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  seq?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  text?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type MessageConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageConnection'] = ResolversParentTypes['MessageConnection']> = {
  edges?: Resolver<Array<ResolversTypes['MessageEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type MessageDeletedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageDeleted'] = ResolversParentTypes['MessageDeleted']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['Message'], ParentType, ContextType>;
  roomId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MessageEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageEdge'] = ResolversParentTypes['MessageEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Message'], ParentType, ContextType>;
};

export type MessageEditedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageEdited'] = ResolversParentTypes['MessageEdited']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['Message'], ParentType, ContextType>;
  roomId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MessageSentResolvers<ContextType = Context, ParentType extends ResolversParentTypes['MessageSent'] = ResolversParentTypes['MessageSent']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['Message'], ParentType, ContextType>;
  roomId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  addMember?: Resolver<ResolversTypes['RoomMember'], ParentType, ContextType, RequireFields<MutationAddMemberArgs, 'input'>>;
  changeRole?: Resolver<ResolversTypes['RoomMember'], ParentType, ContextType, RequireFields<MutationChangeRoleArgs, 'role' | 'roomId' | 'userId'>>;
  createRoom?: Resolver<ResolversTypes['Room'], ParentType, ContextType, RequireFields<MutationCreateRoomArgs, 'input'>>;
  deleteMessage?: Resolver<ResolversTypes['Message'], ParentType, ContextType, RequireFields<MutationDeleteMessageArgs, 'messageId'>>;
  editMessage?: Resolver<ResolversTypes['Message'], ParentType, ContextType, RequireFields<MutationEditMessageArgs, 'input'>>;
  joinRoom?: Resolver<ResolversTypes['Room'], ParentType, ContextType, RequireFields<MutationJoinRoomArgs, 'roomId'>>;
  leaveRoom?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationLeaveRoomArgs, 'roomId'>>;
  markRead?: Resolver<ResolversTypes['RoomMember'], ParentType, ContextType, RequireFields<MutationMarkReadArgs, 'roomId' | 'upTo'>>;
  removeMember?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationRemoveMemberArgs, 'ban' | 'roomId' | 'userId'>>;
  sendMessage?: Resolver<ResolversTypes['SentMessage'], ParentType, ContextType, RequireFields<MutationSendMessageArgs, 'input'>>;
  updateRoom?: Resolver<ResolversTypes['Room'], ParentType, ContextType, RequireFields<MutationUpdateRoomArgs, 'input'>>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  publicRooms?: Resolver<ResolversTypes['RoomConnection'], ParentType, ContextType, RequireFields<QueryPublicRoomsArgs, 'first'>>;
  room?: Resolver<Maybe<ResolversTypes['Room']>, ParentType, ContextType, RequireFields<QueryRoomArgs, 'id'>>;
  rooms?: Resolver<ResolversTypes['RoomConnection'], ParentType, ContextType, RequireFields<QueryRoomsArgs, 'first'>>;
};

export type ReadUpToResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ReadUpTo'] = ResolversParentTypes['ReadUpTo']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  roomId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  upTo?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  userId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type RoomResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Room'] = ResolversParentTypes['Room'], FederationReferenceType extends FederationReferenceTypes['Room'] = FederationReferenceTypes['Room']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Room']> | FederationReferenceType, FederationReferenceType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['RoomKind'], ParentType, ContextType>;
  lastMessage?: Resolver<Maybe<ResolversTypes['Message']>, ParentType, ContextType>;
  memberCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  members?: Resolver<ResolversTypes['RoomMemberConnection'], ParentType, ContextType, RequireFields<RoomMembersArgs, 'first'>>;
  messages?: Resolver<ResolversTypes['MessageConnection'], ParentType, ContextType, Partial<RoomMessagesArgs>>;
  name?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  topic?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  unreadCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  viewerMembership?: Resolver<Maybe<ResolversTypes['RoomMember']>, ParentType, ContextType>;
};

export type RoomConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RoomConnection'] = ResolversParentTypes['RoomConnection']> = {
  edges?: Resolver<Array<ResolversTypes['RoomEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type RoomEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RoomEdge'] = ResolversParentTypes['RoomEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Room'], ParentType, ContextType>;
};

export type RoomEventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RoomEvent'] = ResolversParentTypes['RoomEvent']> = {
  __resolveType: TypeResolveFn<'CaughtUp' | 'MemberChanged' | 'MemberJoined' | 'MemberLeft' | 'MessageDeleted' | 'MessageEdited' | 'MessageSent' | 'ReadUpTo' | 'RoomSnapshot' | 'RoomUpdated', ParentType, ContextType>;
};

export type RoomMemberResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RoomMember'] = ResolversParentTypes['RoomMember']> = {
  joinedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  readUpTo?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  role?: Resolver<ResolversTypes['RoomRole'], ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  userId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type RoomMemberConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RoomMemberConnection'] = ResolversParentTypes['RoomMemberConnection']> = {
  edges?: Resolver<Array<ResolversTypes['RoomMemberEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type RoomMemberEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RoomMemberEdge'] = ResolversParentTypes['RoomMemberEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['RoomMember'], ParentType, ContextType>;
};

export type RoomSnapshotResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RoomSnapshot'] = ResolversParentTypes['RoomSnapshot']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  messages?: Resolver<Array<ResolversTypes['Message']>, ParentType, ContextType>;
  reset?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  roomId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type RoomUpdatedResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RoomUpdated'] = ResolversParentTypes['RoomUpdated']> = {
  at?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  cursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  room?: Resolver<ResolversTypes['Room'], ParentType, ContextType>;
  roomId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type SentMessageResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SentMessage'] = ResolversParentTypes['SentMessage']> = {
  duplicate?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['Message'], ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  roomEvents?: SubscriptionResolver<ResolversTypes['RoomEvent'], "roomEvents", ParentType, ContextType, RequireFields<SubscriptionRoomEventsArgs, 'roomId'>>;
};

export type UserResolvers<ContextType = Context, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  CaughtUp?: CaughtUpResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  MemberChanged?: MemberChangedResolvers<ContextType>;
  MemberJoined?: MemberJoinedResolvers<ContextType>;
  MemberLeft?: MemberLeftResolvers<ContextType>;
  Message?: MessageResolvers<ContextType>;
  MessageConnection?: MessageConnectionResolvers<ContextType>;
  MessageDeleted?: MessageDeletedResolvers<ContextType>;
  MessageEdge?: MessageEdgeResolvers<ContextType>;
  MessageEdited?: MessageEditedResolvers<ContextType>;
  MessageSent?: MessageSentResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  ReadUpTo?: ReadUpToResolvers<ContextType>;
  Room?: RoomResolvers<ContextType>;
  RoomConnection?: RoomConnectionResolvers<ContextType>;
  RoomEdge?: RoomEdgeResolvers<ContextType>;
  RoomEvent?: RoomEventResolvers<ContextType>;
  RoomMember?: RoomMemberResolvers<ContextType>;
  RoomMemberConnection?: RoomMemberConnectionResolvers<ContextType>;
  RoomMemberEdge?: RoomMemberEdgeResolvers<ContextType>;
  RoomSnapshot?: RoomSnapshotResolvers<ContextType>;
  RoomUpdated?: RoomUpdatedResolvers<ContextType>;
  SentMessage?: SentMessageResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = Context> = {
  idempotent?: IdempotentDirectiveResolver<any, any, ContextType>;
  link?: LinkDirectiveResolver<any, any, ContextType>;
  resumable?: ResumableDirectiveResolver<any, any, ContextType>;
  viewerDependent?: ViewerDependentDirectiveResolver<any, any, ContextType>;
};
