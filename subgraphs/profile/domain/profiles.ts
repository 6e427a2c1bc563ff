import type { ProfileStore } from '../store/profile-store.ts'
import type { Arrivals } from './arrivals.ts'

/** What the rules of this folder work on. */
export interface Profiles {
  store: ProfileStore
  arrivals: Arrivals
  now: () => Date
}
