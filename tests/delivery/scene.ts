import type { Person } from '../clients.ts'
import { createChance } from './chance.ts'
import { attentive, gather } from './readers/crowd.ts'
import { createLagCheck } from './readers/lag.ts'
import type { RunTime } from './run-time.ts'
import { createSchedule } from './schedule.ts'
import type { CheckSettings } from './settings.ts'
import type { Target } from './target/target.ts'
import { assemble } from './traffic/cast.ts'
import { comeAndGo } from './traffic/members.ts'
import { changeRooms } from './traffic/room-changes.ts'
import { createLeaver } from './traffic/sign-outs.ts'
import { write } from './traffic/writers.ts'
import { createTally } from './verdict/faults.ts'
import { createRoomRecord } from './verdict/room-record.ts'
import { createSends } from './verdict/sends.ts'

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
  const { urls } = target
  const { seed, kills, rest } = settings
  const { isOver, deadline } = runTime
  const cast = await assemble({ urls, counts: { ...settings, leavers: Math.min(2, settings.rooms) } })
  const { rooms, guests } = cast
  const writers = [...cast.writers, ...guests]
  const everywhere = [...cast.writers, ...cast.readers, cast.newcomer, ...cast.leavers]

  const tally = createTally()
  const sends = createSends(tally)
  const records = rooms.map((roomId, room) => {
    const members = [...everywhere, guests[room] as Person].map(({ userId }) => userId)
    return createRoomRecord({ room, roomId, members, sends })
  })
  const parts = target.parts.filter(({ name }) => !kills || kills.includes(name))
  const schedule = createSchedule({ parts, chance: createChance(seed), tally, rest, isOver, say })
  const common = { urls, rooms, sends, chance: createChance(seed + 1), isOver, deadline }
  const owner = cast.writers[0] as Person
  /** Milliseconds from sign-outs until sockets said so. */
  const latencies: number[] = []
  const leavers = cast.leavers.map((person) => createLeaver({ ...common, person, tally, latencies }))
  const crowd = gather({
    urls,
    cast,
    leavers,
    records,
    asks: settings.asks,
    seed,
    sends,
    tally,
    writers,
    away: schedule.away,
    neededBySenders: target.neededBySenders,
    sendersMustCome: settings.sendersMustCome,
    signOutGrace,
  })
  const guesting = {
    ...common,
    owner,
    guests: crowd.guests.map(({ record }, room) => ({
      person: guests[room] as Person,
      writer: cast.writers.length + room,
      room,
      record,
    })),
  }
  const { lanes, batch, rate } = settings
  const failures: Record<string, number> = {}
  const onFailure = (code: string) => {
    failures[code] = (failures[code] ?? 0) + 1
  }
  const isTooFast = createLagCheck(attentive(crowd), sends)
  const writing = { ...common, people: cast.writers, lanes, batch, rate, isTooFast, onFailure }
  return {
    target,
    tally,
    sends,
    records,
    writers,
    schedule,
    latencies,
    failures,
    crowd,
    guesting,
    writing,
    /** Everything that happens, until the time is over. */
    play: () =>
      Promise.all([
        write(writing),
        comeAndGo(guesting),
        changeRooms({ ...common, owner }),
        ...leavers.map((leaver, index) => leaver.go(crowd.leavers[index]?.record)),
        schedule.run(),
      ]),
  }
}
