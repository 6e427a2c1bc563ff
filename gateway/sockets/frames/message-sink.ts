import type { FrameSink } from '../../subscriptions/sharing/frames.ts'
import type { ClientSocket } from '../opened-socket.ts'
import { textFrames } from './text-frame.ts'

/** Where the events of an operation go: as messages of ready bytes. A class, because there is one for each subscription. */
export class MessageSink implements FrameSink {
  readonly #socket: ClientSocket
  readonly #head: Buffer
  #isClosed = false

  constructor(socket: ClientSocket, id: string) {
    this.#socket = socket
    this.#head = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`)
  }

  /** Writes nothing from now on: its id may be in use again. */
  close(): void {
    this.#isClosed = true
  }

  write(payload: Buffer): void {
    if (this.#isClosed) return
    this.#socket.sendBytes(
      textFrames(this.#head, [payload], messageEnd, () => this.#socket.nextPing()),
      'later',
    )
  }

  writeAll(payloads: readonly Buffer[]): void {
    if (this.#isClosed) return
    this.#socket.sendBytes(
      textFrames(this.#head, payloads, messageEnd, () => this.#socket.nextPing()),
      'now',
    )
  }

  isCongested(): boolean {
    return this.#socket.isCongested()
  }

  hasRoomFor(bytes: number): boolean {
    return this.#isClosed || this.#socket.hasRoomFor(bytes + this.#head.length + messageEnd.length)
  }

  hold(bytes: number): (() => void) | undefined {
    return this.#socket.hold(bytes)
  }

  isFull(): boolean {
    return this.#socket.isFull()
  }

  onceDrained(listener: () => void): void {
    this.#socket.onceDrained(listener)
  }
}

const messageEnd = Buffer.from('}')
