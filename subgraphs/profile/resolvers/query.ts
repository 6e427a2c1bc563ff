import { parseInput } from '../../../platform/errors/parse-input.ts'
import { lineOfText, uuid } from '../../../platform/errors/text-rules.ts'
import { toConnection } from '../../../platform/graphql/page.ts'
import { findOwnProfile, findProfile, findProfileByUsername, listProfiles } from '../domain/find-profiles.ts'
import type { QueryResolvers } from '../generated/resolvers.ts'
import { parseUserPage } from './inputs.ts'
import { toCursor } from './user-cursor.ts'

export const query: QueryResolvers = {
  me: async (_, __, { profiles, viewer }) => (await findOwnProfile(profiles, viewer)) ?? null,
  user: async (_, { id }, { profiles, viewer }) =>
    (await findProfile(profiles, viewer, parseInput(uuid, id, 'id'))) ?? null,
  userByUsername: async (_, { username }, { profiles, viewer }) =>
    (await findProfileByUsername(profiles, viewer, parseInput(lineOfText(1, 50), username, 'username'))) ?? null,
  users: async (_, page, { profiles, viewer }) =>
    toConnection(await listProfiles(profiles, viewer, parseUserPage(page)), toCursor),
}
