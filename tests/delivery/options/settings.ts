import { type OperationName, operationNames } from '../readers/operations.ts'

/** What a run of the checker is like. */
export interface CheckSettings {
  seconds: number
  seed: number
  /** The parts that are taken away, one at a time; undefined: all. */
  kills: string[] | undefined
  rooms: number
  writers: number
  /** How many readers a room has, beside a guest, a newcomer, and those who sign out. */
  readers: number
  /** How they ask for events, in turn. */
  asks: OperationName[]
  /** How many requests with sends may be on their way, and how many sends each holds. */
  lanes: number
  batch: number
  /** Sends that all writers together begin in a second. */
  rate: number
  /** How long nothing is taken away between two parts, in milliseconds. */
  rest: [from: number, to: number]
  /** How long everything may take to settle once nothing is taken away any more, in milliseconds. */
  patience: number
  /** Whether a message without its sender is a fault while nothing is away that senders need: a busy machine answers late, too. */
  sendersMustCome: boolean
}

export const defaultSettings: CheckSettings = {
  seconds: 60,
  seed: 1,
  kills: undefined,
  rooms: 4,
  writers: 6,
  readers: 6,
  asks: operationNames,
  lanes: 24,
  batch: 2,
  rate: 100,
  rest: [500, 2_000],
  patience: 120_000,
  sendersMustCome: true,
}
