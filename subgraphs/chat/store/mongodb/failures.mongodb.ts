import {
  MongoBulkWriteError,
  MongoError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoServerSelectionError,
  MongoWriteConcernError,
} from 'mongodb'
import { unavailable } from '../../../../platform/errors/app-error.ts'

/**
 * What became of a call: UNAVAILABLE when MongoDB was not reached, has no primary, or could not do it in time; the bare reason when
 * it refused, because the driver's own error holds the documents, messages and all. Anything else stays what it is.
 */
export function toFailure(error: unknown): unknown {
  if (isAway(error)) return notAnswering(error instanceof Error ? error.message : String(error))
  if (!(error instanceof MongoError)) return error
  return Object.assign(new Error(`MongoDB refused: ${error.code ?? error.name}`), { code: error.code })
}

/** The server was lost in the middle of a call; the one that comes after may be in an earlier state. */
export class ServerLost extends Error {
  // No property of its own: the driver copies those to an error of its own, whose name cannot be set.
  override get name() {
    return 'ServerLost'
  }

  constructor() {
    super('The server was lost in the middle of a call')
  }
}

/** UNAVAILABLE, for a reason that is only logged. */
export const notAnswering = (reason: string) =>
  Object.assign(unavailable('Rooms and messages cannot be reached right now. Try again.'), { cause: new Error(reason) })

/** Whether the error says that MongoDB could not do it now, whatever was asked. */
export function isAway(error: unknown): boolean {
  if (error instanceof ServerLost) return true
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) return true
  if (error instanceof MongoWriteConcernError || isSystemError(error)) return true
  // A bulk write wraps what kept it from being done.
  if (error instanceof MongoBulkWriteError && (error.result.getWriteConcernError() || isAway(error.errorResponse)))
    return true
  return error instanceof MongoError && (awayNames.has(error.name) || awayCodes.has(Number(error.code)))
}

/** Whether the connection broke under a call, or before it: nobody knows whether it was done, and the next connection may well hold. */
export const isConnectionLost = (error: unknown): boolean =>
  error instanceof ServerLost ||
  (error instanceof MongoNetworkError && !(error instanceof MongoNetworkTimeoutError)) ||
  isSystemError(error) ||
  (error instanceof MongoBulkWriteError && isConnectionLost(error.errorResponse))

/** The network's own error, which the driver lets through when a write fills the socket. */
const isSystemError = (error: unknown) => typeof error === 'object' && error !== null && 'syscall' in error

/** The driver's own: no connection is free, the client is closing, the primary is one no longer. */
const awayNames = new Set([
  'MongoWaitQueueTimeoutError',
  'MongoPoolClosedError',
  'MongoTopologyClosedError',
  'MongoServerClosedError',
  'MongoClientClosedError',
  'MongoNotConnectedError',
  'MongoStalePrimaryError',
  'MongoUnexpectedServerResponseError',
])

/** The server's: those that the driver retries by its specification, and limits of time. */
const awayCodes = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  50, // MaxTimeMSExpired
  64, // WriteConcernTimeout
  89, // NetworkTimeout
  91, // ShutdownInProgress
  134, // ReadConcernMajorityNotAvailableYet
  189, // PrimarySteppedDown
  262, // ExceededTimeLimit
  9001, // SocketException
  10058, // LegacyNotPrimary
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
])
