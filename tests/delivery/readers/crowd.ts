import type { Person } from '../../clients.ts'
import { type Chance, createChance } from '../chance.ts'
import type { Cast } from '../traffic/cast.ts'
import type { Leaver } from '../traffic/sign-outs.ts'
import { createReaderRecord, type ReaderRecordOptions } from '../verdict/reader-record.ts'
import type { RoomRecord } from '../verdict/room-record.ts'
import { type Operation, type OperationName, operations } from './operations.ts'
import { type RoomReader, type RoomReaderOptions, startRoomReader } from './room-reader.ts'

export interface CrowdOptions extends Omit<ReaderRecordOptions, 'name' | 'viewerId' | 'room' | 'whole'> {
  urls: string[]
  /** The same over slow links. */
  distantUrls: string[]
  cast: Cast
  /** The people of the cast who sign out and in, in the same order. */
  leavers: Leaver[]
  records: RoomRecord[]
  /** How they ask, in turn. */
  asks: OperationName[]
  seed: number
}

/** Everybody who follows a room. */
export interface Crowd {
  /** Those who follow from before the first send, and must have everything. */
  whole: RoomReader[]
  /** Those who follow over slow links, and must have everything, too. */
  distant: RoomReader[]
  /** Those who come anew all the time. */
  passing: RoomReader[]
  guests: RoomReader[]
  leavers: RoomReader[]
  all: RoomReader[]
}

/** Those who must have everything in the end. */
export const attentive = ({ whole, distant, guests, leavers }: Crowd): RoomReader[] => [
  ...whole,
  ...distant,
  ...guests,
  ...leavers,
]

/** Those who cut their connection join again under traffic, all the time. */
const short: [number, number] = [1_000, 5_000]

export function gather(options: CrowdOptions): Crowd {
  const { urls: near, distantUrls, cast, leavers, records, asks, seed, tally } = options
  let count = 0
  const operationOf = (index: number) => operations[asks[index % asks.length] ?? 'plain']
  const start = (
    who: Person,
    record: RoomRecord,
    operation: Operation,
    more: Partial<RoomReaderOptions> & { whole?: boolean } = {},
  ): RoomReader => {
    count += 1
    const { whole = true, urls = near, ...manner } = more
    const name = `${who.displayName} in room ${record.room + 1} (${operation.name})`
    return startRoomReader({
      urls: urls.map((_, index) => urls[(index + count) % urls.length] ?? ''),
      roomId: record.roomId,
      operation,
      record: createReaderRecord({ ...options, name, viewerId: who.userId, room: record, whole }),
      tally,
      chance: chanceOf(seed, count),
      accessToken: () => who.accessToken,
      ...manner,
    })
  }
  const crowd = {
    whole: cast.readers.flatMap((who, index) =>
      records.map((record) => start(who, record, operationOf(index), index % 2 === 0 ? {} : { cutsAfter: short })),
    ),
    distant: records.map((record, index) =>
      start(cast.distant, record, operationOf(index), {
        urls: distantUrls,
        ...(index % 2 === 1 && { cutsAfter: [3_000, 10_000] }),
      }),
    ),
    passing: records.map((record, index) =>
      start(cast.newcomer, record, operationOf(index), { cutsAfter: [700, 3_000], isNew: true, whole: false }),
    ),
    guests: records.map((record, index) =>
      start(cast.guests[index] as Person, record, operationOf(index), { mayBeRemoved: true }),
    ),
    leavers: leavers.map((leaver, index) =>
      start(cast.leavers[index] as Person, records[index % records.length] as RoomRecord, operationOf(index), {
        accessToken: leaver.accessToken,
        onEnd: leaver.ended,
      }),
    ),
  }
  return { ...crowd, all: Object.values(crowd).flat() }
}

const chanceOf = (seed: number, reader: number): Chance => createChance(seed * 1_000 + reader)
