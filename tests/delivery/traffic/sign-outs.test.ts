import { describe, expect, it } from '@jest/globals'
import { closeCodes } from '../../../schema/close-codes.ts'
import type { Person } from '../../clients.ts'
import type { Ending } from '../readers/subscription.ts'
import { createTally } from '../verdict/faults.ts'
import { createLeaver } from './sign-outs.ts'

const atOnce = { below: () => 0, between: () => 0, oneOf: <T>(items: readonly T[]) => items[0] as T }
const never = Number.POSITIVE_INFINITY

interface SignOut {
  closesWithin: number
  /** How the reader's subscription ends while the sign-out is asked for. */
  end?: Ending
  /** The run is given up once the sign-out was acknowledged. */
  isGivenUp?: boolean
}

/** Signs somebody out once; who would come back when something was noted, if the run went on. Gives what was noted. */
async function signOutOnce({ closesWithin, end, isGivenUp }: SignOut) {
  const tally = createTally()
  const latencies: number[] = []
  const noted = () => ({ notEnded: tally.counts().notEnded, told: latencies.length })
  let isSignedOut = false
  const isPast = () => (isGivenUp && isSignedOut) || noted().notEnded + noted().told > 0
  const person = {
    at: () => person,
    async try() {
      if (end) leaver.ended(end)
      return { status: 200, headers: new Headers(), data: { logout: true } }
    },
  } as unknown as Person
  const leaver = createLeaver({
    urls: ['http://127.0.0.1:9'],
    person,
    chance: atOnce,
    tally,
    latencies,
    closesWithin,
    isOver: () => isSignedOut,
    deadline: () => (isPast() ? 0 : never),
  })
  const signedOut = () => {
    isSignedOut = true
  }
  await leaver.go({ name: 'leaver', signedOut })
  return noted()
}

describe('somebody who signs out', () => {
  it('notes how long it took until their socket said so', async () => {
    const end = { how: 'closed', code: closeCodes.signedOut } as const
    expect(await signOutOnce({ closesWithin: never, end })).toEqual({ notEnded: 0, told: 1 })
  })

  it('blames a socket that stays open', async () => {
    expect(await signOutOnce({ closesWithin: 20 })).toEqual({ notEnded: 1, told: 0 })
  })

  it('takes no other end for it while the sign-out is not acknowledged', async () => {
    const end = { how: 'closed', code: 1006 } as const
    expect(await signOutOnce({ closesWithin: 20, end })).toEqual({ notEnded: 1, told: 0 })
  })

  it('waits no longer when the run is given up, and blames nothing', async () => {
    expect(await signOutOnce({ closesWithin: never, isGivenUp: true })).toEqual({ notEnded: 0, told: 0 })
  })
})
