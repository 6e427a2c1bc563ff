import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { Context } from '../context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
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

/** A change of the viewer's password. */
export type ChangePasswordInput = {
  /** The password that holds now. */
  currentPassword: Scalars['String']['input'];
  /** The password to hold from now on; the rules of `RegisterInput.password` apply. */
  newPassword: Scalars['String']['input'];
};

/** Who signs in. */
export type LoginInput = {
  /** The account's password. */
  password: Scalars['String']['input'];
  /** The account's username, in any case. */
  username: Scalars['String']['input'];
};

/** What can be changed. At most one of `register`, `login`, `refresh` and `changePassword` fits in one operation. */
export type Mutation = {
  __typename?: 'Mutation';
  /** Sets a new password, ends every other session of the viewer and gives a new pair of tokens. */
  changePassword: SignedIn;
  /** Opens a session; of more than 100 the one that was used longest ago ends. An unknown user and a wrong password get the same `UNAUTHENTICATED` answer. */
  login: SignedIn;
  /** Ends the viewer's session, or all of the viewer's sessions, at once. */
  logout: Scalars['Boolean']['output'];
  /**
   * Trades a refresh token for a new pair. The old token ends with its use. Presented again within ten seconds, whatever happened
   * to its successors meanwhile, it gives the session's newest token; presented later, it revokes the session.
   * Without `input` the HttpOnly cookie `parley_refresh` is used.
   */
  refresh: SignedIn;
  /** Makes an account and signs it in. `CONFLICT` when the username is taken. */
  register: SignedIn;
  /** Ends one of the viewer's sessions. `NOT_FOUND` when the viewer has no such session. */
  revokeSession: Scalars['Boolean']['output'];
};


/** What can be changed. At most one of `register`, `login`, `refresh` and `changePassword` fits in one operation. */
export type MutationChangePasswordArgs = {
  input: ChangePasswordInput;
};


/** What can be changed. At most one of `register`, `login`, `refresh` and `changePassword` fits in one operation. */
export type MutationLoginArgs = {
  input: LoginInput;
};


/** What can be changed. At most one of `register`, `login`, `refresh` and `changePassword` fits in one operation. */
export type MutationLogoutArgs = {
  everywhere?: InputMaybe<Scalars['Boolean']['input']>;
};


/** What can be changed. At most one of `register`, `login`, `refresh` and `changePassword` fits in one operation. */
export type MutationRefreshArgs = {
  input?: InputMaybe<RefreshInput>;
};


/** What can be changed. At most one of `register`, `login`, `refresh` and `changePassword` fits in one operation. */
export type MutationRegisterArgs = {
  input: RegisterInput;
};


/** What can be changed. At most one of `register`, `login`, `refresh` and `changePassword` fits in one operation. */
export type MutationRevokeSessionArgs = {
  id: Scalars['ID']['input'];
};

/** What can be read. */
export type Query = {
  __typename?: 'Query';
  /** The viewer's sessions that are still alive, the newest first: at most 100. */
  sessions: Array<Session>;
};

/** The token to trade, for clients that do not use the cookie. */
export type RefreshInput = {
  /** The refresh token of the last sign-in or refresh. */
  refreshToken: Scalars['String']['input'];
};

/** What a new account needs. */
export type RegisterInput = {
  /** 1 to 100 characters: the name that others see. */
  displayName: Scalars['String']['input'];
  /** 8 characters to 72 bytes (UTF-8), and not among the most common passwords. Unicode's normal forms of it are one password (RFC 8265). */
  password: Scalars['String']['input'];
  /** 3 to 50 characters: `a-z`, `0-9`, `_`, `.` and `-`, starting with a letter or digit. Upper case is read as lower case. */
  username: Scalars['String']['input'];
};

/** One sign-in of a user on one device. */
export type Session = {
  __typename?: 'Session';
  /** When the user signed in. */
  createdAt: Scalars['DateTime']['output'];
  /** Whether it is the session that asks. */
  current: Scalars['Boolean']['output'];
  /** The session's id (UUIDv7). */
  id: Scalars['ID']['output'];
  /** The address that last opened or refreshed it. */
  ip?: Maybe<Scalars['String']['output']>;
  /** When the session was last opened or refreshed. */
  lastSeenAt: Scalars['DateTime']['output'];
  /** The user agent that last opened or refreshed it, at most 255 characters. */
  userAgent?: Maybe<Scalars['String']['output']>;
};

/** A session that has just been opened or renewed. */
export type SignedIn = {
  __typename?: 'SignedIn';
  /** A short-lived JWT: send it as `authorization: Bearer …`. */
  accessToken: Scalars['String']['output'];
  /** When the access token stops being accepted. Refresh before. */
  accessTokenExpiresAt: Scalars['DateTime']['output'];
  /** Trades once for the next pair. Keep it secret; browsers can rely on the HttpOnly cookie instead. */
  refreshToken: Scalars['String']['output'];
  /** The session that was opened or renewed. */
  session: Session;
  /** The account's profile; null with an error when the profile subgraph is away. */
  user?: Maybe<User>;
  /** The account's id. */
  userId: Scalars['ID']['output'];
};

/** A user; auth knows the id only. */
export type User = {
  __typename?: 'User';
  /** The user's id (UUIDv7). */
  id: Scalars['ID']['output'];
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


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





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  ChangePasswordInput: ChangePasswordInput;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  LoginInput: LoginInput;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RefreshInput: RefreshInput;
  RegisterInput: RegisterInput;
  Session: ResolverTypeWrapper<Session>;
  SignedIn: ResolverTypeWrapper<SignedIn>;
  User: ResolverTypeWrapper<User>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  ChangePasswordInput: ChangePasswordInput;
  DateTime: Scalars['DateTime']['output'];
  LoginInput: LoginInput;
  Mutation: Record<PropertyKey, never>;
  Boolean: Scalars['Boolean']['output'];
  ID: Scalars['ID']['output'];
  Query: Record<PropertyKey, never>;
  RefreshInput: RefreshInput;
  RegisterInput: RegisterInput;
  Session: Session;
  SignedIn: SignedIn;
  User: User;
  String: Scalars['String']['output'];
};

export type LinkDirectiveArgs = {
  import?: Maybe<Array<Maybe<Scalars['String']['input']>>>;
  url: Scalars['String']['input'];
};

export type LinkDirectiveResolver<Result, Parent, ContextType = Context, Args = LinkDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  changePassword?: Resolver<ResolversTypes['SignedIn'], ParentType, ContextType, RequireFields<MutationChangePasswordArgs, 'input'>>;
  login?: Resolver<ResolversTypes['SignedIn'], ParentType, ContextType, RequireFields<MutationLoginArgs, 'input'>>;
  logout?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationLogoutArgs, 'everywhere'>>;
  refresh?: Resolver<ResolversTypes['SignedIn'], ParentType, ContextType, Partial<MutationRefreshArgs>>;
  register?: Resolver<ResolversTypes['SignedIn'], ParentType, ContextType, RequireFields<MutationRegisterArgs, 'input'>>;
  revokeSession?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationRevokeSessionArgs, 'id'>>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  sessions?: Resolver<Array<ResolversTypes['Session']>, ParentType, ContextType>;
};

export type SessionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Session'] = ResolversParentTypes['Session']> = {
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  current?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  ip?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  lastSeenAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  userAgent?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type SignedInResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SignedIn'] = ResolversParentTypes['SignedIn']> = {
  accessToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  accessTokenExpiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  refreshToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  session?: Resolver<ResolversTypes['Session'], ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  userId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type UserResolvers<ContextType = Context, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  DateTime?: GraphQLScalarType;
  Mutation?: MutationResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Session?: SessionResolvers<ContextType>;
  SignedIn?: SignedInResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = Context> = {
  link?: LinkDirectiveResolver<any, any, ContextType>;
};
