import { setTimeout as pause } from 'node:timers/promises'
import { isConnectionLost, notAnswering, toFailure } from './failures.mongodb.ts'

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

/** The longest pause before a call whose connection broke is made again, in milliseconds. */
const longestPause = 200

/**
 * A port whose every call ends within the deadline: the driver's own limits are per step and attempt, and add up. A call whose
 * connection broke is made again within it, so each has to have the effect of one. `portFor` makes the port for one attempt; from the
 * second on it knows that the first may have been done. What was asked of the server by a call that was given up may still be done.
 */
export function withinDeadline<Port extends object>(
  deadline: number,
  portFor: (signal: AbortSignal, isRepeat: boolean) => Port,
): Port {
  const call = (name: string, values: unknown[]) =>
    inTime(deadline, async (signal) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          const method: unknown = Reflect.get(portFor(signal, attempt > 1), name)
          return typeof method === 'function' && (await method(...values))
        } catch (error) {
          if (signal.aborted || !isConnectionLost(error)) throw error
        }
        await pause(Math.random() * Math.min(longestPause, 10 * 2 ** attempt), undefined, { signal })
      }
    })
  const names = Object.keys(portFor(new AbortController().signal, false))
  return Object.fromEntries(names.map((name) => [name, (...values: unknown[]) => call(name, values)])) as Port
}
