const newFor = 10_000

/** When the account was made: a UUIDv7 starts with the milliseconds since 1970. The epoch for any other id. */
export function madeAt(userId: string): Date {
  const isVersion7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(userId)
  return new Date(isVersion7 ? Number.parseInt(userId.slice(0, 8) + userId.slice(9, 13), 16) : 0)
}

/** Whether the account is younger than ten seconds (clocks may differ by as much): the event that makes its profile may be on its way. */
export const isNew = (userId: string, now: Date) => Math.abs(now.getTime() - madeAt(userId).getTime()) < newFor
