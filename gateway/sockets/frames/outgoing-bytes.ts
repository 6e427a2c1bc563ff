import { fragmentBytes } from './text-frame.ts'

/** What a stream holds before it asks to wait for its drain: who waits for that is told only past it. */
const streamBuffer = 16_384

/** Keeps account of what was written to one socket. A class, because there is one for each socket. */
export class OutgoingBytes {
  readonly #most: number
  /** All bytes of messages that were written. */
  #written = 0
  /** The end of the last message that is larger than may wait, as a number of written bytes. */
  #largeEnd = 0
  #sincePing = 0
  #owedPongs = 0

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
    // As many pings are in a message that is sent in fragments.
    this.#owedPongs += Math.floor(bytes / fragmentBytes)
    this.#sincePing += bytes
    if (this.#sincePing < fragmentBytes) return false
    this.#sincePing = 0
    this.#owedPongs += 1
    return true
  }

  /** Whether the peer owes a pong that has come now: it asked for nothing with it. */
  settlePong(): boolean {
    if (this.#owedPongs === 0) return false
    this.#owedPongs -= 1
    return true
  }
}
