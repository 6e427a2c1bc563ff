import type { Metrics } from '../../../platform/metrics/metrics.ts'
import { limitRefusal, tooMany } from '../../limits/refusals.ts'
import type { OperationIdentity } from '../planning/operation-key.ts'

/** How many streams clients may follow that differ. Equal ones are one: they cost hardly more than a write each. */
export interface StreamLimits {
  /** Those of a user. */
  perUser: number
  /** Those of all users of an address. */
  perAddress: number
  /** Those of a user that follow the same and only select differently: each event of it is completed once for each. */
  variantsPerUser: number
  /** The same for an address. Streams whose result depends on who asks are not counted: everyone has one of their own. */
  variantsPerAddress: number
  /** Upstreams of a user that follow the same and cannot be shared: each event of it comes once for each. */
  unsharedPerUser: number
}

export const defaultStreamLimits: StreamLimits = {
  perUser: 250,
  perAddress: 2_500,
  variantsPerUser: 4,
  variantsPerAddress: 16,
  unsharedPerUser: 20,
}

export type StreamLimit =
  | 'streams_per_user'
  | 'streams_per_address'
  | 'stream_variants_per_user'
  | 'stream_variants_per_address'
  | 'unshared_streams_per_user'

/** Who follows a stream. */
export interface Follower {
  userId: string
  /** The group of addresses that counts as one. */
  address: string
}

export interface DistinctStreams {
  /** Counts a stream of the follower; returns what ends that. Throws `TOO_MANY_REQUESTS` with the limit that it would pass. */
  enter(follower: Follower, stream: OperationIdentity): () => void
}

export function createDistinctStreams(options: {
  limits: StreamLimits
  countLimit(limit: StreamLimit): void
  metrics: Metrics
}): DistinctStreams {
  const { limits, countLimit, metrics } = options
  const users = new Map<string, Held>()
  const addresses = new Map<string, Held>()
  metrics.gauge('parley_distinct_streams', 'Subscriptions of users that differ', () =>
    users.values().reduce((sum, held) => sum + held.streams, 0),
  )

  const check = (limit: StreamLimit, asked: number, allowed: number) => {
    if (asked <= allowed) return
    countLimit(limit)
    throw tooMany(limitRefusal(limit, asked, allowed), 1, 'End one first.')
  }
  return {
    enter({ userId, address }, { source, key, isShareable }) {
      const user = users.get(userId) ?? createHeld()
      const group = addresses.get(address) ?? createHeld()
      check('streams_per_user', user.streamsWith(source, key), limits.perUser)
      check('stream_variants_per_user', user.variantsWith(source, key), limits.variantsPerUser)
      // For the address it is a stream of this user.
      const ownKey = isShareable ? key : `${key} ${userId}`
      const ownSource = isShareable ? source : `${source} ${userId}`
      check('streams_per_address', group.streamsWith(ownSource, ownKey), limits.perAddress)
      if (isShareable) {
        const asked = group.variantsWith(source, key)
        check('stream_variants_per_address', asked, limits.variantsPerAddress)
      } else {
        check('unshared_streams_per_user', user.countOf(source) + 1, limits.unsharedPerUser)
      }
      users.set(userId, user)
      addresses.set(address, group)
      user.add(source, key)
      group.add(ownSource, ownKey)
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        user.remove(source, key)
        group.remove(ownSource, ownKey)
        if (user.streams === 0) users.delete(userId)
        if (group.streams === 0) addresses.delete(address)
      }
    },
  }
}

/** The streams of one user, or of one address. */
interface Held {
  /** How many differ. */
  readonly streams: number
  /** How many would differ with this one, of all and of its source. */
  streamsWith(source: string, key: string): number
  variantsWith(source: string, key: string): number
  /** How many follow the source, equal ones counted each. */
  countOf(source: string): number
  add(source: string, key: string): void
  remove(source: string, key: string): void
}

function createHeld(): Held {
  /** How often each key is followed, by source. */
  const sources = new Map<string, Map<string, number>>()
  let streams = 0
  const isNew = (source: string, key: string) => (sources.get(source)?.has(key) ? 0 : 1)
  return {
    get streams() {
      return streams
    },
    streamsWith: (source, key) => streams + isNew(source, key),
    variantsWith: (source, key) => (sources.get(source)?.size ?? 0) + isNew(source, key),
    countOf: (source) =>
      sources
        .get(source)
        ?.values()
        .reduce((sum, count) => sum + count, 0) ?? 0,
    add(source, key) {
      streams += isNew(source, key)
      const keys = sources.get(source) ?? new Map<string, number>()
      sources.set(source, keys.set(key, (keys.get(key) ?? 0) + 1))
    },
    remove(source, key) {
      const keys = sources.get(source)
      const count = keys?.get(key)
      if (!keys || count === undefined) return
      if (count > 1) keys.set(key, count - 1)
      else {
        keys.delete(key)
        streams -= 1
      }
      if (keys.size === 0) sources.delete(source)
    },
  }
}
