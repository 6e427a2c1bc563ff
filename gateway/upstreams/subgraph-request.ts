import { Pool } from 'undici'

const connections = 64
const maxReplyBytes = 32_000_000

/** The longest that any operation may run, in milliseconds: whoever asks sets its own time, and has no more than this. */
const longestOperation = 600_000

/** A pool of connections to one replica of a subgraph, whose answers may not pause for longer than the heartbeat once they have begun. */
export const createPool = (url: string, heartbeat: number): Pool =>
  new Pool(new URL(url).origin, {
    connections,
    connect: { timeout: Math.min(2_000, heartbeat) },
    headersTimeout: longestOperation,
    bodyTimeout: heartbeat,
    maxResponseSize: maxReplyBytes,
  })

/** Closes a pool: what still runs has a moment to end by itself. */
export async function closePool(pool: Pool): Promise<void> {
  const timer = setTimeout(() => void pool.destroy(), 1_000)
  await pool.close().finally(() => clearTimeout(timer))
}

/** The replica is closing: the request was not taken. */
export class NotTaken extends Error {
  override name: string = 'NotTaken'
}

/** The replica takes no requests of this gateway. That is logged once, where it is told. */
export class Refused extends NotTaken {
  override name = 'Refused'
}

const neverArrived = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])

const connectionLost = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

/** The connection to the replica broke, and nobody knows whether the request was done. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost'
}

const codeOf = (error: unknown) => String((error as { code?: unknown } | undefined)?.code)

/** Whether nobody can have begun with the request: even a mutation may be asked of another replica then. */
export const wasNotTaken = (error: unknown) => error instanceof NotTaken || neverArrived.has(codeOf(error))

/**
 * Whether the connection broke under the request, so that what may be done twice may be asked of another replica. Not so what timed out: the
 * replica may still be at it, and the work that was too much for one would be given to the next.
 */
export const wasCutOff = (error: unknown) => error instanceof ConnectionLost || connectionLost.has(codeOf(error))
