/**
 * Resolves as the work does. Rejects with this error, or one with this message, when the work has not ended after the time; the work goes
 * on. When this process was held up, Node runs timers that are due before it reads sockets: so the rejection waits until they were read.
 */
export async function within<T>(milliseconds: number, work: Promise<T> | T, late: string | Error): Promise<T> {
  const { promise: expired, reject } = Promise.withResolvers<never>()
  // Node warns of a negative time.
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
