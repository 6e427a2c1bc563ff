import { bytesPerPoint } from '../../limits/cost/measure-operation.ts'

/** What one client pays, in points of its budget, for events that it is given until it has caught up. */
export interface ReplayCharge {
  /**
   * Notes an event of so many bytes that is to be written. Points are taken in portions: then it resolves once they are, and throws
   * `TOO_MANY_REQUESTS` when the client has not that many left.
   */
  add(bytes: number): Promise<void> | undefined
  /** Takes the points of what was noted since the last portion; whoever has not that many left is refused the next time. */
  settle(): void
}

/** To read an event from its log and to complete it, besides its bytes. */
const pointsPerEvent = 4
/** How many points are taken at a time. */
const portion = 250

export function createReplayCharge(
  takePoints: (points: number) => Promise<void>,
  onBytes: (bytes: number) => void,
): ReplayCharge {
  let owed = 0
  const take = () => {
    const points = Math.ceil(owed)
    owed = 0
    return takePoints(points)
  }
  return {
    add(bytes) {
      onBytes(bytes)
      owed += pointsPerEvent + bytes / bytesPerPoint
      return owed < portion ? undefined : take()
    },
    settle() {
      // It is over: nobody is left to be told.
      if (owed > 0) take().catch(() => {})
    },
  }
}
