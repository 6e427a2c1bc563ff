import type { Logger } from '../../../platform/logging/logger.ts'

/**
 * The times of events. Clocks of processes differ, so that a room's next event could seem older than its last: its time is never before
 * that of the event at the head, and what is ordered by time inside a room follows the log.
 */
export type RoomClock = (lastAt: number) => () => number

/** How far this clock may be behind an event before somebody should look at the clocks, in milliseconds. */
const worthTelling = 1_000
const tellEvery = 60_000

export function createRoomClock(logger: Logger): RoomClock {
  let toldAt = Number.NEGATIVE_INFINITY
  const tell = (behind: number) => {
    if (behind < worthTelling || performance.now() - toldAt < tellEvery) return
    toldAt = performance.now()
    logger.warn({ behind }, 'the clock of this process is behind that of another, by this many milliseconds or more')
  }
  return (lastAt) => {
    tell(lastAt - Date.now())
    let last = lastAt
    return () => {
      last = Math.max(last, Date.now())
      return last
    }
  }
}
