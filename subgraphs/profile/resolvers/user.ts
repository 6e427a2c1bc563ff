import { preferencesOf } from '../domain/preferences.ts'
import type { UserResolvers } from '../generated/resolvers.ts'

export const user: UserResolvers = {
  __resolveReference: (reference, { entities }) =>
    'id' in reference ? entities.byId.load(reference.id) : entities.byUsername.load(reference.username),
  preferences: (parent, _, { profiles, viewer }) =>
    'id' in parent ? preferencesOf(profiles, viewer, parent.id) : null,
}
