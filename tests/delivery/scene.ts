import type { Person } from '../clients.ts'
import { createChance } from './chance.ts'
import type { CheckSettings } from './options/settings.ts'
import { attentive, type Crowd, gather } from './readers/crowd.ts'
import { createLagCheck } from './readers/lag.ts'
import type { RunTime } from './run-time.ts'
import { createSchedule } from './schedule.ts'
import type { Target } from './target/target.ts'
import { assemble, type Cast } from './traffic/cast.ts'
import { comeAndGo, type Guest } from './traffic/members.ts'
import { changeRooms } from './traffic/room-changes.ts'
import { createLeaver } from './traffic/sign-outs.ts'
import { write } from './traffic/writers.ts'
import { createTally } from './verdict/faults.ts'
import { createRestores, type Restores } from './verdict/restores.ts'
import { createRoomRecord, type RoomRecord } from './verdict/room-record.ts'
import { createSends, type Sends } from './verdict/sends.ts'

export interface SceneOptions {
  target: Target
  settings: CheckSettings
  runTime: RunTime
  say(line: string): void
}

export type Scene = Awaited<ReturnType<typeof setScene>>

/** After a sign-out a gateway asks within a second, waits up to 5 s for the answer, and may be paused for 8 s: as long may events come. */
const signOutGrace = 14_000

/** Everybody who takes part, with the records that they are judged by. Readers follow from now on; nobody writes yet. */
export async function setScene({ target, settings, runTime, say }: SceneOptions) {
  const { urls, distantUrls } = target
  const { seed } = settings
  const { isOver, deadline, isGivenUp } = runTime
  const cast = await assemble({ urls, counts: { ...settings, leavers: Math.min(2, settings.rooms) } })
  const { rooms } = cast
  const writers = [...cast.writers, ...cast.guests]
  const owner = cast.writers[0] as Person

  const tally = createTally()
  const { restores = createRestores() } = target
  const sends = createSends(tally, restores)
  const records = recordsOf(cast, sends, restores)
  const parts = target.parts.filter(({ name }) => !settings.kills || settings.kills.includes(name))
  const schedule = createSchedule({ parts, chance: createChance(seed), tally, rest: settings.rest, isOver, say })
  const common = { urls, rooms, sends, chance: createChance(seed + 1), isOver, deadline }
  /** Milliseconds from sign-outs until sockets said so. */
  const latencies: number[] = []
  const leavers = cast.leavers.map((person) => createLeaver({ ...common, person, tally, latencies, restores }))
  const judging = { records, sends, tally, restores, writers, signOutGrace, away: schedule.away }
  const { asks, sendersMustCome } = settings
  const { neededBySenders } = target
  const crowd = gather({ ...judging, urls, distantUrls, cast, leavers, asks, seed, neededBySenders, sendersMustCome })
  const guesting = { ...common, owner, guests: guestsOf(cast, crowd) }
  const { failures, onFailure } = countFailures()
  const { lanes, batch, rate } = settings
  const isTooFast = createLagCheck(attentive(crowd), sends)
  const writing = { ...common, people: cast.writers, lanes, batch, rate, isTooFast, onFailure }
  /** Everything that happens, until the time is over. */
  const play = () =>
    Promise.all([
      write(writing),
      comeAndGo(guesting),
      changeRooms({ ...common, owner }),
      ...leavers.map((leaver, index) => leaver.go(crowd.leavers[index]?.record)),
      schedule.run(),
    ])
  return { target, ...judging, leavers, schedule, latencies, failures, crowd, guesting, writing, isGivenUp, play }
}

/** A record of each room. Whoever takes part in it is a member before the first place that readers see. */
function recordsOf(
  { rooms, writers, readers, distant, newcomer, leavers, guests }: Cast,
  sends: Sends,
  restores: Restores,
): RoomRecord[] {
  const everywhere = [...writers, ...readers, distant, newcomer, ...leavers]
  return rooms.map((roomId, room) => {
    const members = [...everywhere, guests[room] as Person].map(({ userId }) => userId)
    return createRoomRecord({ room, roomId, members, sends, restores })
  })
}

const guestsOf = ({ guests, writers }: Cast, crowd: Crowd): Guest[] =>
  crowd.guests.map(({ record }, room) => ({
    person: guests[room] as Person,
    writer: writers.length + room,
    room,
    record,
  }))

/** What requests failed with, and how often. */
function countFailures() {
  const failures: Record<string, number> = {}
  const onFailure = (code: string) => {
    failures[code] = (failures[code] ?? 0) + 1
  }
  return { failures, onFailure }
}
