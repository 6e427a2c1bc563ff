/** What the work gives. Throws an error with this message when nothing has come of it within the time; the work itself goes on. */
export async function within<T>(milliseconds: number, work: Promise<T> | T, message: string): Promise<T> {
  const { promise: expired, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(message)), milliseconds)
  try {
    return await Promise.race([work, expired])
  } finally {
    clearTimeout(timer)
  }
}
