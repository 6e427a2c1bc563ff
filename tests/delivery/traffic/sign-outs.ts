import { setTimeout as pause } from 'node:timers/promises'
import { closeCodes } from '../../../schema/close-codes.ts'
import { type Person, signIn } from '../../clients.ts'
import type { Chance } from '../chance.ts'
import type { Ending } from '../readers/subscription.ts'
import { after, until } from '../until.ts'
import type { Tally } from '../verdict/faults.ts'
import type { ReaderRecord } from '../verdict/reader-record.ts'
import type { Restores } from '../verdict/restores.ts'
import { persist } from './persist.ts'

/** Somebody whose sessions end, one after the other, while their reader follows a room. */
export interface Leaver {
  accessToken(): string | undefined
  /** Signs in once more. */
  renew(): Promise<void>
  /** Hears how each subscription of their reader ended. */
  ended(ending: Ending): void
  /** Signs out and in again until it is over. */
  go(record: Pick<ReaderRecord, 'name' | 'signedOut'> | undefined): Promise<void>
}

export interface LeaverOptions {
  urls: string[]
  /** Signed in. */
  person: Person
  chance: Chance
  tally: Tally
  /** Milliseconds from a sign-out until the socket said so. */
  latencies: number[]
  isOver(): boolean
  deadline(): number
  /** When sign-outs may have been undone. */
  restores?: Restores
  /** How long a socket may stay open after its session ended, in milliseconds. */
  closesWithin?: number
}

export function createLeaver(options: LeaverOptions): Leaver {
  const { person, chance, isOver } = options
  let current: Person | undefined = person
  let hear = (_: Ending) => {}
  return {
    accessToken: () => current?.accessToken,
    async renew() {
      current = (await comeBack(options)) ?? current
    },
    ended: (ending) => hear(ending),
    async go(record) {
      while (record && !isOver()) {
        await until(isOver, after(chance.between(2_000, 8_000)))
        const leaving = current
        if (!leaving) return
        const end = createEndWatch()
        hear = end.hear
        const acknowledged = await signOut(options, leaving)
        if (acknowledged === undefined) return
        end.acknowledged()
        record.signedOut(Date.now())
        await checkEnd(options, record.name, acknowledged, end.found)
        // Its reader tries the ended session meanwhile.
        await pause(chance.between(0, 1_500))
        current = undefined
        current = await comeBack(options)
        record.signedOut()
      }
    },
  }
}

/** How a reader's subscription ended, and whether it was told that the session is over. */
interface End {
  isTold: boolean
  at: number
}

/** The end of a reader's subscription: with 4401, maybe before the sign-out was acknowledged; or after it, however it ended. */
function createEndWatch() {
  let isAcknowledged = false
  let found: End | undefined
  return {
    hear(ending: Ending) {
      const isTold = ending.how === 'closed' && ending.code === closeCodes.signedOut
      if (isTold || isAcknowledged) found ??= { isTold, at: performance.now() }
    },
    acknowledged() {
      isAcknowledged = true
    },
    found: () => found,
  }
}

/** Waits for the end that a sign-out must bring. When the run is given up before, nothing can be told of it. */
async function checkEnd(options: LeaverOptions, name: string, acknowledged: number, found: () => End | undefined) {
  const { tally, latencies, deadline, restores, closesWithin = 30_000 } = options
  const closesAt = performance.now() + closesWithin
  await until(
    () => found() !== undefined,
    () => Math.min(closesAt, deadline()),
  )
  const end = found()
  if (end?.isTold) latencies.push(Math.max(0, end.at - acknowledged))
  const isUndone = restores?.covers(performance.now(), closesWithin)
  if (!end && !isUndone && performance.now() >= closesAt)
    tally.blame('notEnded', `${name}, after its viewer had signed out`)
}

/** Signs out; gives when that was acknowledged. Undefined when it never was. */
async function signOut({ urls, chance, deadline }: LeaverOptions, leaving: Person): Promise<number | undefined> {
  const reply = await persist({
    urls,
    first: chance.below(urls.length),
    ask: (url) => leaving.at(url).try('mutation { logout }'),
    // An earlier try did it.
    settledBy: ['UNAUTHENTICATED'],
    deadline,
  })
  return reply && performance.now()
}

async function comeBack({ urls, person, deadline }: LeaverOptions): Promise<Person | undefined> {
  for (let tries = 0; performance.now() < deadline(); tries += 1) {
    const back = await signIn(urls[tries % urls.length] ?? '', person).catch(() => undefined)
    if (back) return back
    await pause(300)
  }
  return undefined
}
