/** What the work gives. Throws this error, or one with this message, when nothing has come of it within the time; the work itself goes on. */
export async function within<T>(milliseconds: number, work: Promise<T> | T, late: string | Error): Promise<T> {
  const { promise: expired, reject } = Promise.withResolvers<never>()
  // A time that is over already is nothing to Node but a warning.
  const timer = setTimeout(() => reject(late instanceof Error ? late : new Error(late)), Math.max(0, milliseconds))
  try {
    return await Promise.race([work, expired])
  } finally {
    clearTimeout(timer)
  }
}
