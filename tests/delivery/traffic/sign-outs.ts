import { setTimeout as pause } from 'node:timers/promises'
import { within } from '../../../platform/lifecycle/within.ts'
import { closeCodes } from '../../../schema/close-codes.ts'
import { type Person, signIn } from '../../clients.ts'
import type { Chance } from '../chance.ts'
import type { Ending } from '../readers/subscription.ts'
import type { Tally } from '../verdict/faults.ts'
import type { ReaderRecord } from '../verdict/reader-record.ts'
import { persist } from './persist.ts'

/** Somebody whose sessions end, one after the other, while their reader follows a room. */
export interface Leaver {
  accessToken(): string | undefined
  /** Hears how each subscription of their reader ended. */
  ended(ending: Ending): void
  /** Signs out and in again until it is over. */
  go(record: ReaderRecord | undefined): Promise<void>
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
}

/** How long a socket may stay open after its session ended, in milliseconds. */
const closesWithin = 30_000

export function createLeaver({ urls, person, chance, tally, latencies, isOver, deadline }: LeaverOptions): Leaver {
  let current: Person | undefined = person
  let hear = (_: Ending) => {}

  /** Signs out; gives when that was acknowledged. Undefined when it never was. */
  const signOut = async (leaving: Person) => {
    const reply = await persist({
      urls,
      first: chance.below(urls.length),
      ask: (url) => leaving.at(url).try('mutation { logout }'),
      // An earlier try did it.
      settledBy: ['UNAUTHENTICATED'],
      deadline: deadline(),
    })
    return reply && performance.now()
  }
  /** The end of the reader's subscription: with 4401, maybe before the sign-out was acknowledged; or after it, however it ended. */
  const listenForEnd = (isAcknowledged: () => boolean) => {
    const { promise, resolve } = Promise.withResolvers<{ isTold: boolean; at: number }>()
    hear = (ending) => {
      const isTold = ending.how === 'closed' && ending.code === closeCodes.signedOut
      if (isTold || isAcknowledged()) resolve({ isTold, at: performance.now() })
    }
    return promise
  }
  const comeBack = async () => {
    for (let tries = 0; performance.now() < deadline(); tries += 1) {
      const back = await signInAt(urls[tries % urls.length] ?? '', person)
      if (back) return back
      await pause(300)
    }
    return undefined
  }
  return {
    accessToken: () => current?.accessToken,
    ended: (ending) => hear(ending),
    async go(record) {
      while (record && !isOver()) {
        await pause(chance.between(2_000, 8_000))
        const leaving = current
        if (!leaving) return
        let acknowledged: number | undefined
        const ended = listenForEnd(() => acknowledged !== undefined)
        acknowledged = await signOut(leaving)
        if (acknowledged === undefined) return
        record.signedOut(Date.now())
        try {
          const { isTold, at } = await within(closesWithin, ended, 'still open')
          if (isTold) latencies.push(Math.max(0, at - acknowledged))
        } catch {
          tally.blame('notEnded', `${record.name}, after its viewer had signed out`)
        }
        // Its reader tries the ended session meanwhile.
        await pause(chance.between(0, 1_500))
        current = undefined
        current = await comeBack()
        record.signedOut()
      }
    },
  }
}

const signInAt = (url: string, person: Person) => signIn(url, person).catch(() => undefined)
