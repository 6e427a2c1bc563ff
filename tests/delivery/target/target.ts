import type { Chance } from '../chance.ts'
import type { Restores } from '../verdict/restores.ts'

/** The ways in which parts are taken away or disturbed. */
export const ways = ['killed', 'paused', 'cut off', 'restored', 'silent', 'slowed', 'stepped'] as const
export type Way = (typeof ways)[number]

/** Something that can be taken away, or disturbed, and brought back. */
export interface Part {
  name: string
  /** Takes it away in one of its ways, and brings it back after a while. Throws when it does not come back. */
  strike(chance: Chance): Promise<{ what: string; how: Way }>
}

/** A system under check: where clients reach it, and what can fail in it. */
export interface Target {
  urls: string[]
  /** The same over slow links, for readers who are far away. */
  distantUrls: string[]
  parts: Part[]
  /** Without these, messages may come without their sender. */
  neededBySenders: string[]
  /** When its chat store was taken back to a backup, where that is one of its parts. */
  restores?: Restores
  /** The names of processes that ended without having been told to. */
  deaths(): string[]
  /** Reads the topic of room events from its beginning, and gives what ends that; where there is a topic that others can read. */
  readTopic?(take: (roomId: string, seq: number) => void): Promise<() => Promise<void>>
  stop(): Promise<void>
}
