/** A key's place in time, all in milliseconds. Lists of keys are the oldest first. */
interface Dated {
  createdAt: Date
}

const minute = 60_000
const rotateAfter = 30 * 24 * 60 * minute
/** Whoever keeps a copy of the published keys has a new one by then. */
const publishedBefore = 10 * minute
/** How far behind another replica's view of the keys can be. */
const replicaLag = 2 * minute

const age = (key: Dated, now: Date) => now.getTime() - key.createdAt.getTime()

/** Whether it is time to make a key. */
export function needsNewKey(keys: Dated[], now: Date): boolean {
  const newest = keys.at(-1)
  return !newest || age(newest, now) > rotateAfter
}

/** The key to sign with: the newest that everybody can know, or else the oldest. Undefined without keys. */
export function signingKeyAmong<K extends Dated>(keys: K[], now: Date): K | undefined {
  return keys.findLast((key) => age(key, now) >= publishedBefore) ?? keys[0]
}

/** The keys that no token can still need: a later one has taken over for longer than a token lives (`tokenLife`, milliseconds). */
export function outlivedKeys<K extends Dated>(keys: K[], now: Date, tokenLife: number): K[] {
  return keys.filter((_, index) => {
    const successor = keys[index + 1]
    return successor !== undefined && age(successor, now) > publishedBefore + replicaLag + tokenLife
  })
}
