import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { closeCodes } from '../../schema/close-codes.ts'
import type { SocketLimits } from '../config.ts'
import type { CountLimit, Limit } from '../limits/limit-count.ts'
import { createFrameRate } from './frames/frame-rate.ts'
import { textFrame } from './frames/text-frame.ts'
import type { ClientSocket } from './opened-socket.ts'
import { parseIncoming } from './operations/incoming-message.ts'

/** What all sockets of a server have in common. */
export interface ClientSocketRules {
  limits: SocketLimits
  countLimit: CountLimit
  /** Called before a write to what a WebSocket runs on, to hold it back. */
  beforeWrite(tcp: Duplex): void
}

/** A client's socket as its server sees it. */
export interface ServedSocket extends ClientSocket {
  /** Takes what came in. */
  receive(data: RawData, isBinary: boolean): void
  /** Bytes that its peer has not taken. */
  backlog(): number
  /** The code that it was closed with from this side. */
  closedWith: number | undefined
}

export interface ClientSocketOptions {
  socket: WebSocket
  /** What the WebSocket runs on. */
  tcp: Duplex
  clientIp: string
  userAgent: string | undefined
  rules: ClientSocketRules
}

/** A WebSocket as the GraphQL protocol sees it: it waits for nobody, and what its peer does not take is bounded. */
export const createClientSocket = (options: ClientSocketOptions): ServedSocket => new BoundedSocket(options)

/** Longer than any id that a client has a use for. */
const longestId = 256

/** A class, because there is one for each client: they share its methods. */
class BoundedSocket implements ServedSocket {
  readonly protocol: string
  readonly clientIp: string
  readonly userAgent: string | undefined
  closedWith: number | undefined
  readonly #socket: WebSocket
  readonly #tcp: Duplex
  readonly #rules: ClientSocketRules
  readonly #allowFrame: () => boolean
  #startsNothing = false
  #listener: (message: string) => Promise<void> = async () => {}
  #drained: (() => void)[] | undefined

  constructor({ socket, tcp, clientIp, userAgent, rules }: ClientSocketOptions) {
    this.#socket = socket
    this.#tcp = tcp
    this.#rules = rules
    this.#allowFrame = createFrameRate(rules.limits.framesPerSecond, rules.limits.frameBurst)
    this.protocol = socket.protocol
    this.clientIp = clientIp
    this.userAgent = userAgent
  }

  onMessage(listener: (message: string) => Promise<void>) {
    this.#listener = listener
  }

  receive(data: RawData, isBinary: boolean) {
    if (!this.#isOpen()) return
    if (isBinary) return this.close(closeCodes.badFrame, 'Text frames only')
    if (!this.#allowFrame()) return this.#turnAway('frames_per_second', closeCodes.tooMany, 'Too many frames')
    const { message, subscribesAs, isForClients } = parseIncoming(String(data))
    if (isForClients) return this.close(closeCodes.badFrame, 'Only servers send this type of message')
    // As if it had come after the close: its client asks again elsewhere.
    if (subscribesAs !== undefined && this.#startsNothing) return
    if (subscribesAs !== undefined && subscribesAs.length > longestId) {
      return this.close(closeCodes.badFrame, `An id has at most ${longestId} characters`)
    }
    this.#listener(message).catch(() => this.close(closeCodes.failed, 'Internal server error'))
  }

  startNothing() {
    this.#startsNothing = true
  }

  /** As bytes, because a stream counts what waits in a string by its characters. */
  send(text: string) {
    this.sendBytes(textFrame(Buffer.from(text)), 'later')
  }

  sendBytes(frames: Buffer, when: 'now' | 'later') {
    if (!this.#isOpen()) return
    // What was only held back for one write has not been offered to the peer yet.
    if (this.#isTooMuch(frames.length)) this.#tcp.uncork()
    // Waits for nobody: a reader that lets more pile up than it may is dropped, and resumes.
    if (this.#isTooMuch(frames.length)) {
      return this.#turnAway('backlog_bytes', closeCodes.tooSlow, 'Too slow: reconnect and resume')
    }
    if (when === 'later') this.#rules.beforeWrite(this.#tcp)
    // ws itself would write header and message apart. It has nothing under way: no compression, and closing is no longer open.
    this.#tcp.write(frames)
  }

  isCongested(): boolean {
    return this.#isOpen() && this.#tcp.writableNeedDrain
  }

  isFull(): boolean {
    const isHalf = () => this.#socket.bufferedAmount > this.#rules.limits.maxBacklogBytes / 2
    if (!this.#isOpen() || !isHalf()) return false
    this.#tcp.uncork()
    return isHalf()
  }

  onceDrained(listener: () => void) {
    if (!this.isCongested()) return process.nextTick(listener)
    if (this.#drained) {
      this.#drained.push(listener)
      return
    }
    this.#drained = [listener]
    const onDrain = () => {
      this.#tcp.off('drain', onDrain)
      this.#socket.off('close', onDrain)
      const listeners = this.#drained ?? []
      this.#drained = undefined
      for (const each of listeners) each()
    }
    this.#tcp.on('drain', onDrain)
    this.#socket.on('close', onDrain)
  }

  backlog(): number {
    return this.#socket.bufferedAmount
  }

  close(code: number, reason: string) {
    if (this.#isOpen()) this.closedWith = code
    this.#socket.close(code, reason)
  }

  #turnAway(limit: Limit, code: number, reason: string) {
    this.#rules.countLimit(limit)
    this.close(code, reason)
  }

  #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  /** Whether this many bytes more would be too many for a reader that leaves some waiting. */
  #isTooMuch(bytes: number): boolean {
    const waiting = this.#socket.bufferedAmount
    return waiting > 0 && waiting + bytes > this.#rules.limits.maxBacklogBytes
  }
}
