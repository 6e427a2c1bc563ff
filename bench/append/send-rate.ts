import { throughput } from '../load.ts'
import type { Sender } from './senders.ts'

export interface SendRateOptions {
  send: Sender
  /** The sends go to these in turn. */
  rooms: number
  /** How many are in flight. */
  lanes: number
  seconds: number
  before?(): void
  /** What has to be waited for after the last send. */
  after?(): Promise<unknown>
}

/** What came of the sends in one round. */
export interface Rate {
  /** Acknowledged ones. */
  perSecond: number
  /** How many were not acknowledged. */
  failed: number
}

/** Measures how many sends are acknowledged in a second, `after` included, and how many were not. */
export function sendRate({ send, rooms, lanes, seconds, before, after }: SendRateOptions) {
  let next = 0
  return async (): Promise<Rate> => {
    let [acknowledged, failed] = [0, 0]
    before?.()
    const start = performance.now()
    await throughput(lanes, seconds, async () => {
      next = (next + 1) % rooms
      await send(next).then(
        () => {
          acknowledged += 1
        },
        () => {
          failed += 1
        },
      )
    })
    await after?.()
    return { perSecond: acknowledged / ((performance.now() - start) / 1_000), failed }
  }
}
