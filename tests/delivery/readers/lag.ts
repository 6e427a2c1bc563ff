import type { Sends } from '../verdict/sends.ts'
import type { RoomReader } from './room-reader.ts'

/** How many events a reader may be behind. Twice as many, and a cursor is answered with a snapshot. */
const most = 5_000
const checkEvery = 100

/** Whether the last of these readers is too far behind what was acknowledged. */
export function createLagCheck(readers: RoomReader[], sends: Sends): () => boolean {
  let isBehind = false
  let checkAt = 0
  return () => {
    const now = performance.now()
    if (now < checkAt) return isBehind
    checkAt = now + checkEvery
    isBehind = readers.some(({ record }) => sends.lastOf(record.room) - record.position() > most)
    return isBehind
  }
}
