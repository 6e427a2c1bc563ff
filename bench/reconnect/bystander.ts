import type { Resources } from '../../platform/lifecycle/resources.ts'
import { sharedClock, timedText } from '../clients/protocol.ts'
import { atRate } from '../load.ts'
import { startChild } from '../processes/child.ts'
import type { Seat, Swarm } from '../processes/swarm.ts'

const perSecond = 20

/** Somebody in another room, to whom messages are sent all the time. */
export async function openBystander(resources: Resources, seat: Seat, write: (text: string) => Promise<unknown>) {
  const swarm = resources.own(startChild<Swarm>('swarm'))
  await swarm.ask('open', [seat])
  return {
    /** Sends while the work goes on. Gives how long each message took that was acknowledged, in milliseconds. */
    async during(work: Promise<unknown>): Promise<Bystanding> {
      await swarm.ask('clear')
      let going = true
      const done = work.finally(() => {
        going = false
      })
      // It is waited for below; until then nobody is to take its failure for one that nobody hears of.
      done.catch(() => {})
      const { started, failed, problem } = await atRate({
        perSecond,
        goesOn: () => going,
        work: (_, late) => write(timedText(sharedClock() - late * 1_000)),
      })
      await done
      await swarm.ask('received', started - failed, started)
      return { delays: (await swarm.ask('counts')).delays, failed, problem }
    },
  }
}

export interface Bystanding {
  delays: number[]
  failed: number
  problem?: string
}
