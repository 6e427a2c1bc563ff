/** How long after an account was made its profile is expected to be on its way, in milliseconds. */
const newFor = 10_000
/** How far the clocks of two of our processes may differ, in milliseconds: the id was made by another one's clock. */
const clockSkew = 30_000
/** How long the event of an account may take when the event log is away, in milliseconds. */
const latestArrival = 86_400_000

/** When the account was made: a UUIDv7 starts with the milliseconds since 1970. The epoch for any other id. */
export function madeAt(userId: string): Date {
  const isVersion7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(userId)
  return new Date(isVersion7 ? Number.parseInt(userId.slice(0, 8) + userId.slice(9, 13), 16) : 0)
}

/** Whether the account may be younger than ten seconds: its event is probably about to arrive, so that waiting for it pays. */
export const isNew = (userId: string, now: Date) => isYounger(userId, now, newFor)

/** Whether the account may be younger than a day: its event may still arrive, however long the event log was away. */
export const mayStillArrive = (userId: string, now: Date) => isYounger(userId, now, latestArrival)

function isYounger(userId: string, now: Date, than: number): boolean {
  const age = now.getTime() - madeAt(userId).getTime()
  return age > -clockSkew && age < than + clockSkew
}
