import { Pool } from 'undici'

const connections = 64
const maxReplyBytes = 32_000_000

/**
 * How long a replica may take to answer, in milliseconds. A query is asked of another one then; a mutation may be waiting for its turn,
 * and has until its operation ends.
 */
export const patience = { query: 5_000, mutation: 30_000 }

/** A pool of connections to one replica of a subgraph. */
export const createPool = (url: string): Pool =>
  new Pool(new URL(url).origin, {
    connections,
    connect: { timeout: 2_000 },
    bodyTimeout: 30_000,
    maxResponseSize: maxReplyBytes,
  })

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

const codeOf = (error: unknown) => (error as { code?: unknown } | undefined)?.code

/** Whether nobody can have begun with the request: even a mutation may be asked of another replica then. */
export const wasNotTaken = (error: unknown) => error instanceof NotTaken || neverArrived.has(String(codeOf(error)))
