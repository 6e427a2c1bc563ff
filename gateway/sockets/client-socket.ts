import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { closeCodes } from '../../schema/close-codes.ts'
import type { CountLimit } from '../limits/limit-count.ts'
import type { ClientSocket } from './graphql-sockets.ts'

export interface ClientSocketOptions {
  socket: WebSocket
  /** What the WebSocket runs on. */
  tcp: Duplex
  /** Called before each write to `tcp`, to gather writes. */
  beforeWrite(tcp: Duplex): void
  clientIp: string
  userAgent: string | undefined
  /** How much may wait for a slow reader, in bytes. */
  maxBacklogBytes: number
  /** Whether the peer may send a frame now. */
  allowFrame(): boolean
  countLimit: CountLimit
}

/** A client's socket as its server sees it. */
export interface ServedSocket extends ClientSocket {
  /** Bytes that its peer has not taken. */
  backlog(): number
  /** The code that it was closed with from this side. */
  closedWith(): number | undefined
}

/** A WebSocket as the GraphQL protocol sees it: it waits for nobody, and what its peer does not take is bounded. */
export function createClientSocket(options: ClientSocketOptions): ServedSocket {
  const { socket, tcp, beforeWrite, clientIp, userAgent, maxBacklogBytes, allowFrame, countLimit } = options
  let closedWith: number | undefined
  let drained: (() => void)[] = []
  const onDrain = () => {
    tcp.off('drain', onDrain)
    socket.off('close', onDrain)
    const listeners = drained
    drained = []
    for (const listener of listeners) listener()
  }
  const close = (code: number, reason: string) => {
    if (socket.readyState === socket.OPEN) closedWith = code
    socket.close(code, reason)
  }
  const turnAway = (limit: Parameters<CountLimit>[0], code: number, reason: string) => {
    countLimit(limit)
    close(code, reason)
  }
  /** Whether this many bytes more would be too many for a reader that leaves some waiting. */
  const isTooMuch = (bytes: number) => {
    const waiting = socket.bufferedAmount
    return waiting > 0 && waiting + bytes > maxBacklogBytes
  }
  const sendBytes = (message: Buffer) => {
    if (socket.readyState !== socket.OPEN) return
    // What was only held back for one write has not been offered to the peer yet.
    if (isTooMuch(message.length)) tcp.uncork()
    // Waits for nobody: a reader that lets more pile up than it may is dropped, and resumes.
    if (isTooMuch(message.length))
      return turnAway('backlog_bytes', closeCodes.tooSlow, 'Too slow: reconnect and resume')
    beforeWrite(tcp)
    socket.send(message, { binary: false })
  }
  return {
    protocol: socket.protocol,
    clientIp,
    userAgent,
    // As bytes, because a stream counts what waits in a string by its characters.
    send: (text) => sendBytes(Buffer.from(text)),
    sendBytes,
    isCongested: () => socket.readyState === socket.OPEN && tcp.writableNeedDrain,
    onceDrained(listener) {
      if (socket.readyState !== socket.OPEN || !tcp.writableNeedDrain) return process.nextTick(listener)
      if (drained.push(listener) > 1) return
      tcp.on('drain', onDrain)
      socket.on('close', onDrain)
    },
    close,
    closedWith: () => closedWith,
    backlog: () => socket.bufferedAmount,
    onMessage(listener) {
      socket.on('message', (data, isBinary) => {
        if (socket.readyState !== socket.OPEN) return
        if (isBinary) return close(closeCodes.badFrame, 'Text frames only')
        if (!allowFrame()) return turnAway('frames_per_second', closeCodes.tooMany, 'Too many frames')
        listener(String(data))?.catch(() => close(closeCodes.failed, 'Internal server error'))
      })
    },
  }
}
