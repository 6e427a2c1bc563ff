import { createNumbers } from './numbers.ts'
import type { Restores } from './restores.ts'
import type { Versions } from './versions.ts'

/** Which version stands at each place of a room's log in the end. */
export interface FinalLog {
  /** Undefined where nobody got an event of it, or cannot tell. */
  versionAt(position: number): number | undefined
  head(): number
}

/**
 * Walks from the last event back to what each followed. Where no reader got two in one run, as behind a snapshot, the moments decide at
 * which one was seen first: since the last restore, or never between a backup and its restore.
 */
export function findFinalLog(
  versions: Versions,
  last: { position: number; version: number },
  restores: Restores,
): FinalLog {
  const found = createNumbers(1)
  const guess = (position: number): number | undefined => {
    const all = Array.from({ length: versions.count(position) }, (_, version) => version)
    if (restores.begun() === 0) return all[0]
    return (
      all.findLast((version) => versions.seenAt(position, version) > restores.lastOver()) ??
      all.findLast((version) => !restores.covers(versions.seenAt(position, version)))
    )
  }
  for (let [position, version]: [number, number | undefined] = [last.position, last.version]; position > 0; ) {
    if (version !== undefined) found.set(position, version + 1)
    const before: number | undefined = version === undefined ? undefined : versions.before(position, version)
    position -= 1
    version = before ?? guess(position)
  }
  return {
    versionAt(position) {
      const version = found.get(position)
      return version === 0 ? undefined : version - 1
    },
    head: () => last.position,
  }
}
