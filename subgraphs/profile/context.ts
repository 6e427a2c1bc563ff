import DataLoader from 'dataloader'
import type { Viewer } from '../../platform/identity/viewer.ts'
import type { Profiles } from './domain/profiles.ts'
import { usersById, usersByUsername } from './domain/user-entities.ts'
import type { Profile } from './store/profile-store.ts'

/** What the resolvers of one operation work with. */
export interface Context {
  viewer: Viewer
  profiles: Profiles
  /** Entities that are asked for together are looked up together. */
  entities: {
    byId: DataLoader<string, Profile>
    byUsername: DataLoader<string, Profile>
  }
}

export const createContext = (profiles: Profiles, viewer: Viewer): Context => ({
  viewer,
  profiles,
  entities: {
    byId: new DataLoader((ids) => usersById(profiles, ids)),
    byUsername: new DataLoader((usernames) => usersByUsername(profiles, usernames)),
  },
})
