import { Pool } from 'undici'
import { ownTimeout } from './own-time.ts'

/** How long a replica may take to say that it lives, in milliseconds of this process's own time. */
const probeTimeout = 1_000
const probedPath = '/health/live'

/** The replica does not answer a request, nor whether it lives. */
export class NotAlive extends Error {
  override name = 'NotAlive'
}

/** Tells a replica that is slow from one that is gone: whatever it answers to a probe, it is there. */
export interface Liveness {
  /**
   * Runs a call to the replica, whose signal is aborted when the caller's is, and when the replica has neither answered within a heartbeat nor
   * then a probe.
   */
  watch<T>(caller: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export function createLiveness(url: string, heartbeat: number): Liveness {
  // Of its own: the connections for requests may all be waiting.
  const pool = new Pool(new URL(url).origin, { connections: 1, connect: { timeout: probeTimeout } })
  let probing: Promise<boolean> | undefined
  const probe = async () => {
    const { signal, clear } = ownTimeout(probeTimeout)
    try {
      const response = await pool.request({ method: 'GET', path: probedPath, signal })
      await response.body.dump()
      return true
    } catch {
      return false
    } finally {
      clear()
    }
  }
  const isAlive = () => {
    probing ??= probe().finally(() => {
      probing = undefined
    })
    return probing
  }
  return {
    async watch(caller, call) {
      const ending = new AbortController()
      const end = () => ending.abort(caller.reason)
      if (caller.aborted) end()
      caller.addEventListener('abort', end)
      const timer = setInterval(async () => {
        if (!(await isAlive())) ending.abort(new NotAlive(`${url} answers nothing`))
      }, heartbeat)
      try {
        return await call(ending.signal)
      } finally {
        clearInterval(timer)
        caller.removeEventListener('abort', end)
      }
    },
    close: () => pool.destroy(),
  }
}
