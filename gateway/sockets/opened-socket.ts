import type { WebSocket as ProtocolSocket } from 'graphql-ws'
import type { SignedInUser } from '../../platform/identity/viewer.ts'
import type { SocketCaller } from './operations/run-operation.ts'
import type { RunningOperations } from './operations/running-operations.ts'

/** A client's socket, as this protocol needs it. */
export interface ClientSocket extends ProtocolSocket {
  clientIp: string
  userAgent: string | undefined
  /** Lets no more operations through. */
  startNothing(): void
  /** Sends ready frames, in their order among what `send` is given: at once, or with what else comes in this turn of the event loop. */
  sendBytes(frames: Buffer, when: 'now' | 'later'): void
  /** Returns the payload of the next ping that is written to the peer. */
  nextPing(): Buffer
  /** Whether bytes wait that the peer has not taken: write no more. */
  isCongested(): boolean
  /** Whether so many bytes more may wait for the peer. */
  hasRoomFor(bytes: number): boolean
  /** Counts bytes that wait until there is room. Returns what ends that; undefined when too much waits for all sockets. */
  hold(bytes: number): (() => void) | undefined
  /** Whether half of what may wait for the peer does. */
  isFull(): boolean
  /** Calls the listener once, when nothing waits any more or the socket has closed. */
  onceDrained(listener: () => void): void
}

/** What is known of a socket. */
export interface OpenedSocket {
  socket: ClientSocket
  running: RunningOperations
  /** One for all operations: a token that the socket brings later counts for those that run, too. */
  caller: SocketCaller
  /** Aborted when it was closed: nobody waits for what runs then. */
  gone: AbortController
  /** Those of operations that are being answered, by id: aborted when the client completes one. */
  leaving: Map<string, AbortController>
  user?: SignedInUser
  /** It was too slow, with one of its subscriptions or several. */
  isDropped?: boolean
  /** What graphql-ws wants to be told when it was closed; gone when it has been. */
  tellClosed?: (code: number, reason: string) => Promise<void>
}
