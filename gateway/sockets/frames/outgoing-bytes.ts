import { randomInt } from 'node:crypto'
import { fragmentBytes, pingBytes } from './text-frame.ts'

/** What a stream holds before it asks to wait for its drain: who waits for that is told only past it. */
const streamBuffer = 16_384

/** How many pings are remembered. More bytes than are between so many are not on their way to any peer. */
const mostOwedPongs = 4_096

/** Keeps account of what was written to one socket. A class, because there is one for each socket. */
export class OutgoingBytes {
  readonly #most: number
  /** All bytes of messages that were written. */
  #written = 0
  /** The end of the last message that is larger than may wait, as a number of written bytes. */
  #largeEnd = 0
  #sincePing = 0
  /** The payloads of pings that were not answered, in their order. */
  readonly #owedPongs: number[] = []

  constructor(most: number) {
    this.#most = most
  }

  /**
   * Whether a message is too much while so many bytes wait. One message that is itself larger than what may wait is let through, and does
   * not count while its peer takes it: a slow link needs long for it, and would never get it otherwise.
   */
  isTooMuch(waiting: number, bytes: number): boolean {
    if (waiting < streamBuffer) return false
    const behindLarge = this.#written - this.#largeEnd
    const others = Math.min(waiting, behindLarge)
    if (bytes > this.#most) return waiting > behindLarge || others > this.#most
    return others + bytes > this.#most
  }

  /** Returns whether a ping is due behind these bytes. */
  wrote(bytes: number): boolean {
    this.#written += bytes
    if (bytes > this.#most) this.#largeEnd = this.#written
    this.#sincePing += bytes
    if (this.#sincePing < fragmentBytes) return false
    this.#sincePing = 0
    return true
  }

  /** Returns the payload of the next ping. Nobody can guess it: a peer that answers it has taken all that was written before it. */
  nextPing(): Buffer {
    const value = randomInt(2 ** 32)
    if (this.#owedPongs.push(value) > mostOwedPongs) this.#owedPongs.shift()
    const payload = Buffer.allocUnsafe(pingBytes)
    payload.writeUInt32BE(value)
    return payload
  }

  /** Whether the peer owes the pong that has come now: it asked for nothing with it. It stands for the pings before it, too (RFC 6455, 5.5.3). */
  settlePong(payload: Buffer): boolean {
    const index = payload.length === pingBytes ? this.#owedPongs.indexOf(payload.readUInt32BE()) : -1
    if (index < 0) return false
    this.#owedPongs.splice(0, index + 1)
    return true
  }
}
