import type { Answer } from '../../../platform/readiness/watch-dependencies.ts'
export interface Profile {
  id: string
  username: string
  displayName: string
  avatarUrl: string | null
  statusMessage: string | null
  createdAt: Date
  updatedAt: Date
}

/** What an account brings with it, or what a profile made again starts with. */
export type NewProfile = Pick<Profile, 'id' | 'username' | 'displayName'>
export type Appearance = Pick<Profile, 'displayName' | 'avatarUrl' | 'statusMessage'>

export interface Preferences {
  theme: 'SYSTEM' | 'LIGHT' | 'DARK'
  locale: string
  notifications: boolean
  readReceipts: boolean
}

export interface UserPage {
  /** What a username or display name starts with, in any case and letter for letter; absent: all profiles. */
  search?: string
  /** The username that the page comes after; it need not exist any more. */
  after?: string
  /** At least 1. */
  limit: number
}

/**
 * The profiles of all users, and the usernames of deleted ones, which stay reserved for their accounts.
 *
 * - Each method is atomic and durable when it resolves; reads see every write that has resolved.
 * - An id has one profile, or is deleted, or is unknown. A username belongs to one id for ever.
 * - Usernames are ASCII, equal in any case, and ordered by the code points of their lower case.
 * - Ids are UUIDs in lower case. Times are kept to the second: what is below one is cut off.
 * - Throws `UNAVAILABLE` when the storage cannot be reached.
 */
export interface ProfileStore {
  /** Makes a profile. `known`: the id has one or is deleted; `username taken`: another id has the username. Both change nothing. */
  add(profile: NewProfile, at: Date): Promise<'added' | 'known' | 'username taken'>
  /** Makes a deleted id's profile again under its username. `exists`: it was not deleted; `unknown`: it was never added. */
  restore(id: string, appearance: Appearance, at: Date): Promise<'restored' | 'exists' | 'unknown'>
  /** Sets the given fields and `updatedAt`. Gives the profile as it is then; undefined without one. */
  update(id: string, changes: Partial<Appearance>, at: Date): Promise<Profile | undefined>
  /** Deletes a profile and its preferences. Gives false without one. */
  remove(id: string, at: Date): Promise<boolean>

  /** The profiles of these ids, in any order; an id without one has no entry. */
  byIds(ids: readonly string[]): Promise<Profile[]>
  /** The profiles of these usernames, in any order; a username without one has no entry. */
  byUsernames(usernames: readonly string[]): Promise<Profile[]>
  /** Those of these ids whose profile was deleted, in any order. An id that was never added is not among them. */
  deletedByIds(ids: readonly string[]): Promise<string[]>
  /** The deleted ids that hold these usernames, in any order. */
  deletedByUsernames(usernames: readonly string[]): Promise<Pick<Profile, 'id' | 'username'>[]>
  /** A page of profiles ordered by username; empty after the last. */
  list(page: UserPage): Promise<Profile[]>
  /** Whether the list of this search has a profile at or before this username. */
  hasUpTo(username: string, search?: string): Promise<boolean>

  /** What the user has chosen; what was never chosen is absent. Undefined without a profile. */
  preferences(id: string): Promise<Partial<Preferences> | undefined>
  /** Sets the given ones. Gives what is chosen then; undefined, changing nothing, without a profile. */
  prefer(id: string, changes: Partial<Preferences>): Promise<Partial<Preferences> | undefined>

  /** Whether the storage answers. Never throws. */
  ready(): Promise<Answer>
  close(): Promise<void>
}
