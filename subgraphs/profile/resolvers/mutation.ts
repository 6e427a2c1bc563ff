import { createProfile, deleteProfile, updateProfile } from '../domain/change-profile.ts'
import { updatePreferences } from '../domain/preferences.ts'
import type { MutationResolvers } from '../generated/resolvers.ts'
import { parseAppearance, parseNewAppearance, parsePreferences } from './inputs.ts'

export const mutation: MutationResolvers = {
  createProfile: (_, { input }, { profiles, viewer }) => createProfile(profiles, viewer, parseNewAppearance(input)),
  updateProfile: (_, { input }, { profiles, viewer }) => updateProfile(profiles, viewer, parseAppearance(input)),
  deleteProfile: async (_, __, { profiles, viewer }) => {
    await deleteProfile(profiles, viewer)
    return true
  },
  updatePreferences: (_, { input }, { profiles, viewer }) =>
    updatePreferences(profiles, viewer, parsePreferences(input)),
}
