import { notAnswering, toFailure } from './failures.mongodb.ts'

/** Runs the work, which is told by the signal when nobody waits for it any more. Throws UNAVAILABLE after the deadline, in milliseconds. */
export async function inTime<T>(deadline: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const given = new AbortController()
  const { promise: expired, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const reason = notAnswering(`No answer within ${deadline} ms`)
    reject(reason)
    given.abort(reason)
  }, deadline)
  try {
    return await Promise.race([work(given.signal), expired])
  } catch (error) {
    throw toFailure(error)
  } finally {
    clearTimeout(timer)
  }
}

/**
 * A port whose every call ends within the deadline: the driver's own limits are per step and attempt, and add up. `portFor` makes
 * the port for one call. What was asked of the server by a call that was given up may still be done.
 */
export function withinDeadline<Port extends object>(deadline: number, portFor: (signal: AbortSignal) => Port): Port {
  const call = (name: string, values: unknown[]) =>
    inTime(deadline, async (signal) => {
      const method: unknown = Reflect.get(portFor(signal), name)
      return typeof method === 'function' && method(...values)
    })
  const names = Object.keys(portFor(new AbortController().signal))
  return Object.fromEntries(names.map((name) => [name, (...values: unknown[]) => call(name, values)])) as Port
}
