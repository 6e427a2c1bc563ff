import type { ProfileStore } from '../store/profile-store.ts'
import type { Arrivals } from './arrivals.ts'

/** What the rules of this folder work on. */
export interface Profiles {
  store: ProfileStore
  arrivals: Arrivals
  /** Whether new accounts are heard of right now. While they are not, nobody can say that there is no account. */
  hears(): boolean
  now: () => Date
}
