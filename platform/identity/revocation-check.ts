import type { ExpiringSet } from '../expiry/expiring-set.ts'
import type { Logger } from '../logging/logger.ts'

/** The member that vouches for the others: a blacklist without it has lost what it knew. */
export const whole = 'whole'
/** How long the blacklist is left alone after it failed, in milliseconds: by then its owner has filled in what it missed. */
const distrust = 60_000

/** The ids among these that were revoked. Throws `UNAVAILABLE` when nobody can tell. */
export type RevocationCheck = (sessionIds: string[]) => Promise<Set<string>>

export interface RevocationCheckOptions {
  blacklist: ExpiringSet
  /**
   * All sessions that were revoked within the life of a token, from whoever remembers them durably; asked while the blacklist cannot be
   * trusted.
   */
  remembered(): Promise<ReadonlySet<string>>
  logger: Logger
  now?(): number
}

export function createRevocationCheck(options: RevocationCheckOptions): RevocationCheck {
  const { blacklist, remembered, logger, now = () => performance.now() } = options
  let distrustUntil = 0
  let isTrusted = true

  const trust = (is: boolean, why: string, error?: unknown) => {
    if (isTrusted && !is) logger.warn({ err: error }, `the blacklist ${why}; revocations are asked of their store`)
    if (!isTrusted && is) logger.info('the blacklist is trusted again')
    isTrusted = is
  }
  /** Undefined when the blacklist cannot be reached, or has lost what it knew. */
  const onBlacklist = async (sessionIds: string[]) => {
    if (now() < distrustUntil) return undefined
    try {
      const present = await blacklist.present([...sessionIds, whole])
      const isWhole = present.delete(whole)
      trust(isWhole, 'has lost what it knew')
      return isWhole ? present : undefined
    } catch (error) {
      distrustUntil = now() + distrust
      trust(false, 'cannot be reached', error)
      return undefined
    }
  }
  return async (sessionIds) => {
    const present = await onBlacklist(sessionIds)
    if (present) return present
    const all = await remembered()
    return new Set(sessionIds.filter((id) => all.has(id)))
  }
}
