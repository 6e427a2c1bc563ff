import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { closeCodes } from '../../schema/close-codes.ts'
import type { SocketLimits } from '../config.ts'
import type { CountLimit, Limit } from '../limits/limit-count.ts'
import { discardRest } from './frames/discard-rest.ts'
import { IncomingRate } from './frames/incoming-rate.ts'
import { OutgoingBytes } from './frames/outgoing-bytes.ts'
import { pingFrame, textFrame } from './frames/text-frame.ts'
import type { WaitingSocket, WaitingTotal } from './frames/waiting-total.ts'
import type { ClientSocket } from './opened-socket.ts'
import { parseIncoming } from './operations/incoming-message.ts'

/** What all sockets of a server have in common. */
export interface ClientSocketRules {
  limits: SocketLimits
  countLimit: CountLimit
  /** Called before a write to what a WebSocket runs on, to hold it back. */
  beforeWrite(tcp: Duplex): void
  /** What waits for all of them. */
  waiting: WaitingTotal
}

/** A client's socket as its server sees it. */
export interface ServedSocket extends ClientSocket, WaitingSocket {
  /** Takes what came in. */
  receive(data: RawData, isBinary: boolean): void
  /** Takes a ping, and answers it. */
  receivePing(data: Buffer): void
  /** Takes a pong. Returns whether it answers a ping, so that the peer has taken what was written before that. */
  receivePong(data: Buffer): boolean
  ping(): void
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
  readonly #incoming: IncomingRate
  readonly #outgoing: OutgoingBytes
  #startsNothing = false
  #listener: (message: string) => Promise<void> = async () => {}
  #drained: (() => void)[] | undefined

  constructor({ socket, tcp, clientIp, userAgent, rules }: ClientSocketOptions) {
    this.#socket = socket
    this.#tcp = tcp
    this.#rules = rules
    this.#incoming = new IncomingRate(rules.limits, this.#bytesRead())
    this.#outgoing = new OutgoingBytes(rules.limits.maxBacklogBytes)
    this.protocol = socket.protocol
    this.clientIp = clientIp
    this.userAgent = userAgent
  }

  onMessage(listener: (message: string) => Promise<void>) {
    this.#listener = listener
  }

  receive(data: RawData, isBinary: boolean) {
    if (!this.isOpen()) return
    if (isBinary) return this.close(closeCodes.badFrame, 'Text frames only')
    if (!this.#admits()) return
    const { message, subscribesAs, isForClients, isTooDeep } = parseIncoming(String(data))
    if (isForClients) return this.close(closeCodes.badFrame, 'Only servers send this type of message')
    if (isTooDeep) return this.close(closeCodes.badFrame, 'The message is nested too deeply')
    // As if it had come after the close: its client asks again elsewhere.
    if (subscribesAs !== undefined && this.#startsNothing) return
    if (subscribesAs !== undefined && subscribesAs.length > longestId) {
      return this.close(closeCodes.badFrame, `An id has at most ${longestId} characters`)
    }
    this.#listener(message).catch(() => this.close(closeCodes.failed, 'Internal server error'))
  }

  receivePing(data: Buffer) {
    // One whose answers wait because it reads nothing is sent no more of them.
    if (this.#admits() && !this.#isTooMuch(data.length)) this.#socket.pong(data)
  }

  receivePong(data: Buffer): boolean {
    const isAnswer = this.#outgoing.settlePong(data)
    this.#admits(isAnswer ? 0 : 1)
    return isAnswer
  }

  ping() {
    this.#socket.ping(this.nextPing())
  }

  nextPing(): Buffer {
    return this.#outgoing.nextPing()
  }

  startNothing() {
    this.#startsNothing = true
  }

  /** As bytes, because a stream counts what waits in a string by its characters. */
  send(text: string) {
    this.sendBytes(
      textFrame(Buffer.from(text), () => this.nextPing()),
      'later',
    )
  }

  sendBytes(frames: Buffer, when: 'now' | 'later') {
    if (!this.isOpen()) return
    // What was only held back for one write has not been offered to the peer yet.
    if (this.#isTooMuch(frames.length)) this.#tcp.uncork()
    // Waits for nobody: a reader that lets more pile up than it may is dropped, and resumes.
    if (this.#isTooMuch(frames.length)) {
      const { maxBacklogBytes } = this.#rules.limits
      const reason = `Too slow: ${maxBacklogBytes} bytes may wait; reconnect and resume`
      return this.#turnAway('backlog_bytes', closeCodes.tooSlow, reason)
    }
    if (when === 'later') this.#rules.beforeWrite(this.#tcp)
    // ws itself would write header and message apart. It has nothing under way: no compression, and closing is no longer open.
    const isPingDue = this.#outgoing.wrote(frames.length)
    if (isPingDue) this.#tcp.cork()
    const isTaken = this.#tcp.write(frames)
    if (isPingDue) {
      this.#tcp.write(pingFrame(this.nextPing()))
      this.#tcp.uncork()
    }
    if (!isTaken) this.#rules.waiting.wrote(this, frames.length)
  }

  hasRoomFor(bytes: number): boolean {
    if (!this.isOpen()) return true
    if (this.isCongested() && this.#rules.waiting.isHalfFull()) return false
    if (!this.#isTooMuch(bytes)) return true
    this.#tcp.uncork()
    return !this.#isTooMuch(bytes)
  }

  hold(bytes: number): (() => void) | undefined {
    return this.#rules.waiting.hold(bytes)
  }

  isCongested(): boolean {
    return this.isOpen() && this.#tcp.writableNeedDrain
  }

  isFull(): boolean {
    const isHalf = () => this.#socket.bufferedAmount > this.#rules.limits.maxBacklogBytes / 2
    if (!this.isOpen() || !isHalf()) return false
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
    if (this.#tcp.destroyed) return 0
    this.#tcp.uncork()
    return this.#socket.bufferedAmount
  }

  isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  drop(allowed: number) {
    const reason = `Too slow: ${allowed} bytes may wait for all clients; reconnect and resume`
    this.#turnAway('backlog_total_bytes', closeCodes.tooSlow, reason)
  }

  cut() {
    this.#socket.terminate()
  }

  close(code: number, reason: string) {
    if (this.isOpen()) this.closedWith = code
    this.#socket.close(code, reason)
  }

  #turnAway(limit: Limit, code: number, reason: string) {
    this.#rules.countLimit(limit)
    this.close(code, reason)
  }

  /** Whether this many bytes more would be too many for a reader that leaves some waiting. */
  #isTooMuch(bytes: number): boolean {
    return this.#outgoing.isTooMuch(this.#socket.bufferedAmount, bytes)
  }

  /** Counts what came in. Closes the socket, and reads no more of it, when that is too much. */
  #admits(frames = 1): boolean {
    if (!this.isOpen()) return false
    const exceeded = this.#incoming.count(this.#bytesRead(), frames)
    if (!exceeded) return true
    this.#turnAway(exceeded.limit, closeCodes.tooMany, exceeded.reason)
    // The rest of a flood is not worth its parsing.
    discardRest(this.#tcp as Socket)
    return false
  }

  #bytesRead(): number {
    return (this.#tcp as Socket).bytesRead
  }
}
