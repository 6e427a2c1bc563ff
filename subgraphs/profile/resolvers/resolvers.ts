import { DateTime } from '../../../platform/graphql/date-time.ts'
import type { Resolvers } from '../generated/resolvers.ts'
import { mutation } from './mutation.ts'
import { query } from './query.ts'
import { user } from './user.ts'

export const resolvers: Resolvers = { DateTime, Query: query, Mutation: mutation, User: user }
