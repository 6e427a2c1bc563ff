/**
 * The result of the work. Throws this error, or one with this message, when the work has not ended within the time; the work itself
 * goes on. A reply that waits in a socket is read first: when this process was held up, Node runs timers that are due before it reads.
 */
export async function within<T>(milliseconds: number, work: Promise<T> | T, late: string | Error): Promise<T> {
  const { promise: expired, reject } = Promise.withResolvers<never>()
  // A time that is over already is nothing to Node but a warning.
  const timer = setTimeout(
    () => {
      reading = setImmediate(() => reject(late instanceof Error ? late : new Error(late)))
    },
    Math.max(0, milliseconds),
  )
  let reading: NodeJS.Immediate | undefined
  try {
    return await Promise.race([work, expired])
  } finally {
    clearTimeout(timer)
    clearImmediate(reading)
  }
}
