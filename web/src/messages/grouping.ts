import { dayOf } from './times.ts'

interface Placed {
  readonly senderId: string
  readonly createdAt: string
}

const groupFor = 5 * 60_000

export function startsDay(previous: Placed | undefined, message: Placed): boolean {
  return !previous || dayOf(previous.createdAt) !== dayOf(message.createdAt)
}

/** Whether the message shows its sender: one sender's messages of a few minutes stand together. */
export function startsGroup(previous: Placed | undefined, message: Placed): boolean {
  if (!previous || previous.senderId !== message.senderId || startsDay(previous, message)) return true
  return Date.parse(message.createdAt) - Date.parse(previous.createdAt) > groupFor
}
