import type { RingBounds } from './event-ring.ts'

/** What the feeds of a node may hold, and when they do what. Times are milliseconds. */
export interface FeedLimits extends RingBounds {
  /** About how many bytes the rings of all rooms may take together. */
  maxTotalBytes: number
  /** How many events of a room may wait for those before them. */
  maxAhead: number
  /** How long they wait until the missing ones are read from the log. */
  patience: number
  /** How many events a read of the log gives. */
  pageSize: number
  /** About how many bytes of events a listener is given at a time; at least one event. */
  maxStepBytes: number
  /** How many bytes of such pages are kept for those who ask next, of all rooms. */
  maxPageBytes: number
  /** How long each is kept. An edit or a deletion ends that for its room. */
  pageAge: number
  /** How often all positions are compared with the log's heads, give or take a fifth: a lost last event is found by that. */
  checkEvery: number
  /** The same while the broadcast is disconnected. */
  checkEveryDisconnected: number
}
