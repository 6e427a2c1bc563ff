import process from 'node:process'
import { percentile } from '../../bench/harness/statistics.ts'
import { attentive, type Crowd } from './readers/crowd.ts'
import type { RoomReader } from './readers/room-reader.ts'
import type { Schedule } from './schedule.ts'
import type { Fault, Tally } from './verdict/faults.ts'
import type { RoomRecord } from './verdict/room-record.ts'
import type { Sends } from './verdict/sends.ts'

/** What a run shows, or what it has shown so far. */
export interface CheckReport {
  seconds: number
  /** Whether everybody had everything in the end; false while it goes on. */
  isSettled: boolean
  sent: number
  acknowledged: number
  /** Events that came to readers. */
  delivered: number
  faults: Record<Fault, number>
  examples: string[]
  /** How often each part was taken away, and in which way. */
  kills: Record<string, Record<string, number>>
  rooms: number
  readers: number
  /** Subscriptions that went on where one before had ended; and those that began anew, with a snapshot, under traffic. */
  resumes: number
  newcomers: number
  /** Memberships that ended under traffic, and how often a subscription of the member's own told so before it completed. */
  removals: number
  removalsTold: number
  /**
   * Sockets that were closed with 4401 after a sign-out: how many, and after how many milliseconds. `lastEvent`: how long after a
   * sign-out the last event happened that its session was still given.
   */
  signOuts: { count: number; median: number; p99: number; most: number; lastEvent: number }
  /** Acknowledged messages that restores took away, and how often readers were told to begin anew. */
  restored: { lost: number; resets: number }
  /** Messages that came without their sender, by the part that was away, or had just been. */
  withoutSender: Record<string, number>
  /** What requests with sends failed with before they were acknowledged. */
  failures: Record<string, number>
  /** How subscriptions ended: codes of errors and of closed sockets. */
  endings: Record<string, number>
  /** What the checker itself took. */
  checker: { megabytes: number; cpuSeconds: number }
}

export interface ReportOptions {
  seconds: number
  isSettled: boolean
  tally: Tally
  sends: Sends
  records: RoomRecord[]
  crowd: Crowd
  schedule: Schedule
  latencies: number[]
  failures: Record<string, number>
}

export function reportOn(options: ReportOptions): CheckReport {
  const { seconds, isSettled, tally, sends, records, crowd, schedule, latencies, failures } = options
  const counts = crowd.all.map(({ record }) => record.counts())
  const latency = (share: number) => (latencies.length > 0 ? Math.round(percentile(latencies, share)) : 0)
  const resumesOf = (readers: RoomReader[]) => sum(readers.map((reader) => reader.resumes()))
  return {
    seconds: Math.round(seconds),
    isSettled,
    sent: sends.count(),
    acknowledged: sends.acknowledged(),
    delivered: sum(counts.map(({ delivered }) => delivered)),
    faults: tally.counts(),
    examples: tally.examples(),
    kills: schedule.kills(),
    rooms: records.length,
    readers: crowd.all.length,
    resumes: resumesOf(attentive(crowd)),
    newcomers: resumesOf(crowd.passing),
    removals: sum(records.map((record) => record.removals())),
    restored: { lost: lostByRestores(sends, records), resets: sum(counts.map(({ resets }) => resets)) },
    removalsTold: sum(counts.map(({ removals }) => removals)),
    signOuts: {
      count: latencies.length,
      median: latency(0.5),
      p99: latency(0.99),
      most: latency(1),
      lastEvent: Math.max(...counts.map(({ latest }) => latest)),
    },
    withoutSender: total(counts.map(({ withoutSender }) => withoutSender)),
    failures: { ...failures },
    endings: total(crowd.all.map((reader) => Object.fromEntries(reader.endings()))),
    checker: { megabytes: Math.round(process.memoryUsage.rss() / 1_000_000), cpuSeconds: cpuSeconds() },
  }
}

/** Whether nothing speaks against the promise. */
export const isKept = ({ faults, isSettled }: CheckReport): boolean => isSettled && sum(Object.values(faults)) === 0

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return Math.round((user + system) / 1_000_000)
}

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)

/** The sums by name. */
function total(counts: Record<string, number>[]): Record<string, number> {
  const all: Record<string, number> = {}
  for (const each of counts) for (const [name, count] of Object.entries(each)) all[name] = (all[name] ?? 0) + count
  return all
}

/** The acknowledged sends that are not in the logs as they are in the end. Without a restore, those are faults. */
function lostByRestores(sends: Sends, records: RoomRecord[]): number {
  let lost = 0
  for (let send = 1; send <= sends.count(); send += 1) {
    const [room, seq] = [records[sends.roomOf(send)], sends.seqOf(send)]
    if (room && seq > 0 && room.isSure(seq) && room.sendAt(seq) !== send) lost += 1
    else if (room && seq > room.head()) lost += 1
  }
  return lost
}
