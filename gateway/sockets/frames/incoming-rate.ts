import type { SocketLimits } from '../../config.ts'
import { limitRefusal } from '../../limits/refusals.ts'
import { createFrameRate } from './frame-rate.ts'

/** A bound that a socket has run into, and how it is told. */
export interface Exceeded {
  limit: 'frames_per_second' | 'frame_bytes_per_second'
  reason: string
}

/** Counts what comes in on one socket, frames of every kind alike, and their bytes with their headers. */
export class IncomingRate {
  readonly #limits: SocketLimits
  readonly #allowFrames: (count?: number) => boolean
  readonly #allowBytes: (count?: number) => boolean
  #bytesRead: number

  /** `bytesRead` is what the socket has read so far, the upgrade request included. */
  constructor(limits: SocketLimits, bytesRead: number) {
    this.#limits = limits
    this.#allowFrames = createFrameRate(limits.framesPerSecond, limits.frameBurst)
    this.#allowBytes = createFrameRate(limits.frameBytesPerSecond, byteBurst(limits))
    this.#bytesRead = bytesRead
  }

  /** Counts a frame that came in. Returns the bound that it is past, if any. */
  count(bytesRead: number, frames = 1): Exceeded | undefined {
    const bytes = bytesRead - this.#bytesRead
    this.#bytesRead = bytesRead
    const { framesPerSecond, frameBurst, frameBytesPerSecond } = this.#limits
    if (frames > 0 && !this.#allowFrames(frames)) {
      return {
        limit: 'frames_per_second',
        reason: `${limitRefusal('frames_per_second', frameBurst + frames, frameBurst).message}; ${framesPerSecond} a second`,
      }
    }
    if (this.#allowBytes(bytes)) return undefined
    const burst = byteBurst(this.#limits)
    return {
      limit: 'frame_bytes_per_second',
      reason: `${limitRefusal('frame_bytes_per_second', burst + bytes, burst).message}; ${frameBytesPerSecond} a second`,
    }
  }
}

/** What may come at once: a frame of the largest size must always fit, beside what was read with it. */
const byteBurst = ({ frameBytesPerSecond, maxFrameBytes }: SocketLimits) =>
  Math.max(4 * frameBytesPerSecond, 4 * maxFrameBytes)
