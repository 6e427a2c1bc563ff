/** An event as every listener of a shared stream gets it. */
export interface Frame {
  /** The position after the event; null for one that has none. */
  cursor: string | null
  /** The payload of a `next` message, as JSON. */
  payload: Buffer
  /** Who must see nothing after the event. */
  remove: readonly string[]
}

/** Where the events of one subscription of a client go. */
export interface FrameSink {
  /** Held back until the turn of the event loop is over, for what else may come. */
  write(payload: Buffer): void
  /** Written at once, in one piece. */
  writeAll(payloads: readonly Buffer[]): void
  /** Whether bytes wait that the client has not taken: write no more until it is drained. */
  isCongested(): boolean
  /** Whether so many bytes more may wait for the client. */
  hasRoomFor(bytes: number): boolean
  /**
   * Counts bytes that wait until there is room. Returns what ends that; undefined when so much waits for all clients that they must not be
   * kept.
   */
  hold(bytes: number): (() => void) | undefined
  /** Whether so much waits that the client may soon have to be dropped. */
  isFull(): boolean
  /** Calls back once, when nothing waits any more or the client is gone. */
  onceDrained(listener: () => void): void
}

/**
 * Waits until the client has taken what waits for it, or is gone, or the signal aborts. It may take its time as long as it takes anything:
 * the heartbeat of its socket finds one that does not.
 */
export async function untilDrained(sink: FrameSink, signal: AbortSignal): Promise<void> {
  if (!sink.isCongested() || signal.aborted) return
  await new Promise<void>((resolve) => {
    const end = () => {
      signal.removeEventListener('abort', end)
      resolve()
    }
    sink.onceDrained(end)
    signal.addEventListener('abort', end)
  })
}

/** The newest frames of a stream, bounded in number and bytes. Positions count frames from the start of the stream. */
export interface FrameRing {
  /** The position after the newest frame. */
  head(): number
  /** What it holds. */
  bytes(): number
  /** The same, with what its frames take besides their payloads, about. */
  weight(): number
  /** The position before the oldest frame. */
  oldest(): number
  push(frame: Frame): void
  dropOldest(): void
  /** The frame that follows the position; undefined when it has left the ring, or is not there yet. */
  after(position: number): Frame | undefined
  /** The position after the event with this cursor; undefined when the ring does not know it, or does not reach back to it. */
  positionOf(cursor: string): number | undefined
}

/** What a frame takes besides its payload, in bytes, about: its objects, and its cursor twice. */
const frameBytes = 500

export interface FrameRingBounds {
  maxFrames: number
  maxBytes: number
}

/** An empty ring that begins after the cursor. */
export function createFrameRing(start: string, { maxFrames, maxBytes }: FrameRingBounds): FrameRing {
  const frames: Frame[] = []
  const positions = new Map([[start, 0]])
  let oldest = 0
  let bytes = 0
  /** The cursor of the oldest position. */
  let floor: string | null = start

  const dropOldest = () => {
    const frame = frames.shift()
    if (!frame) return
    if (floor !== null && positions.get(floor) === oldest) positions.delete(floor)
    oldest += 1
    bytes -= frame.payload.length
    floor = frame.cursor
  }
  return {
    head: () => oldest + frames.length,
    bytes: () => bytes,
    weight: () => bytes + frames.length * frameBytes,
    oldest: () => oldest,
    push(frame) {
      frames.push(frame)
      bytes += frame.payload.length
      if (frame.cursor !== null) positions.set(frame.cursor, oldest + frames.length)
      while (frames.length > maxFrames || (bytes > maxBytes && frames.length > 1)) dropOldest()
    },
    dropOldest,
    after: (position) => (position < oldest ? undefined : frames[position - oldest]),
    positionOf: (cursor) => positions.get(cursor),
  }
}
