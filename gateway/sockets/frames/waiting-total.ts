/** A socket, as the total of what waits for all of them needs it. */
export interface WaitingSocket {
  /** Bytes that its peer has not taken, what was only held back for one write aside. */
  backlog(): number
  isOpen(): boolean
  /** Closes it, because its peer is the one that leaves most waiting. */
  drop(allowed: number): void
  /** Ends it at once. */
  cut(): void
}

/** What a socket may hold before its peer counts as slow. */
const uncounted = 16_384
/** How long it may be that nobody has looked at what waits, in milliseconds, for whoever asks whether there is room. */
const lookAgainAfter = 50

/**
 * Bounds what waits for all clients of a gateway together, in bytes. From half of it on, nothing that catches up is read for clients that
 * have not taken what they were given. Before the whole of it waits, the sockets for which most waits are closed. What is written to a
 * client is only counted while something waits for it: one that takes everything costs nothing here.
 */
export class WaitingTotal {
  readonly #most: number
  readonly #sockets = new Set<WaitingSocket>()
  /** At least what waits, without what was taken since the last look. */
  #bytes = 0
  /** First events that wait outside of sockets. */
  #held = 0
  #lookAt: number
  #lookedAt = 0

  constructor(most: number) {
    this.#most = most
    this.#lookAt = this.#ceiling()
  }

  /** So many bytes were written to a socket for which some wait. */
  wrote(socket: WaitingSocket, bytes: number): void {
    // What waited before was not counted.
    if (!this.#sockets.has(socket)) this.#bytes += uncounted
    this.#sockets.add(socket)
    this.#bytes += bytes
    if (this.#bytes + this.#held > this.#lookAt) this.#look()
  }

  /** The socket has closed. */
  forget(socket: WaitingSocket): void {
    this.#sockets.delete(socket)
  }

  /** Whether half of what may wait does. */
  isHalfFull(): boolean {
    const isHalf = () => this.#bytes + this.#held > this.#most / 2
    if (isHalf() && performance.now() - this.#lookedAt > lookAgainAfter) this.#look()
    return isHalf()
  }

  /** Counts bytes that wait until their socket has room. Returns what ends that; undefined when they must not wait. */
  hold(bytes: number): (() => void) | undefined {
    if (this.isHalfFull()) return undefined
    this.#held += bytes
    return () => {
      this.#held -= bytes
    }
  }

  /** Leaves room for what those still hold that were closed, and for what is written until the next look. */
  #ceiling(): number {
    return this.#most - this.#most / 8
  }

  /** Counts exactly, and closes sockets when that is too much. */
  #look(): void {
    const sockets = [...this.#sockets].map((socket) => ({ socket, bytes: socket.backlog() }))
    for (const { socket, bytes } of sockets) if (bytes < uncounted) this.#sockets.delete(socket)
    const counted = sockets.filter(({ bytes }) => bytes >= uncounted)
    const closing = counted.filter(({ socket }) => !socket.isOpen())
    const open = counted.filter(({ socket }) => socket.isOpen()).sort((one, other) => other.bytes - one.bytes)
    let ofOpen = sumOf(open) + this.#held
    let ofClosing = sumOf(closing)
    if (ofOpen + ofClosing > this.#most) {
      // They had the time until now to take their close.
      for (const { socket } of closing) socket.cut()
      ofClosing = 0
    }
    for (const { socket, bytes } of open) {
      if (ofOpen <= this.#ceiling()) break
      socket.drop(this.#most)
      ofOpen -= bytes
      ofClosing += bytes
    }
    const sum = ofOpen + ofClosing
    this.#bytes = sum - this.#held
    this.#lookAt = Math.max(this.#ceiling(), sum + this.#most / 16)
    this.#lookedAt = performance.now()
  }
}

const sumOf = (sockets: { bytes: number }[]) => sockets.reduce((sum, { bytes }) => sum + bytes, 0)
