import type { ExecutionResult } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { CompletedEventsBounds } from './completed-events.ts'
import type { FrameRingBounds } from './frames.ts'
import type { RingTotal } from './ring-total.ts'
import { type Listening, type NewListener, openSharedStream, type SharedStream } from './shared-stream.ts'
import type { SharedEnd } from './shared-upstream.ts'

/** The shared streams of one graph: one for each operation that several clients ask alike. */
export interface SharedStreams {
  /** Joins the stream of an operation after a cursor, or opens it there. Undefined when that is not possible now. */
  join(request: JoinRequest): Promise<Listening | undefined>
  /** Ends all streams for their listeners, who go on by themselves. */
  move(): void
  /** How many streams there are, how many listen to them, and what their rings hold, in bytes. */
  counts(): { streams: number; listeners: number; ringBytes: number }
}

export interface JoinRequest extends NewListener {
  /** Equal for equal operations. */
  key: string
  cursor: string
  open(after: string): AsyncGenerator<ExecutionResult, void>
  toPayload(event: ExecutionResult): Promise<Buffer>
}

export interface SharingOptions {
  ring: FrameRingBounds
  /** What the rings of all streams may hold together, in bytes. */
  maxTotalBytes: number
  /** What is kept of completed events, for others who are given the same. */
  completed: CompletedEventsBounds
  /** How long a lost upstream is tried to be got back before its listeners go on by themselves, in milliseconds. */
  patience: number
  /** How long a client that is ahead of a stream waits for it, in milliseconds. */
  joinPatience: number
  /** About how long a client that could not join stays by itself before it tries again, in milliseconds. */
  joinAgainAfter: number
  /** How long an operation that the subgraph does not serve to everyone is not tried again, in milliseconds. */
  refusalMemory: number
}

export const defaultSharing: SharingOptions = {
  ring: { maxFrames: 256, maxBytes: 1_000_000 },
  maxTotalBytes: 64_000_000,
  completed: { maxBytes: 16_000_000, maxAge: 1_000 },
  patience: 5_000,
  joinPatience: 250,
  joinAgainAfter: 1_000,
  refusalMemory: 30_000,
}

/** Is told of each stream that ended: why, and with which error. */
export type OnStreamEnd = (why: SharedEnd['kind'] | 'refused' | 'moved', error: unknown) => void

const rememberedRefusals = 10_000

export function createSharedStreams(
  options: Omit<SharingOptions, 'completed' | 'maxTotalBytes'>,
  total: RingTotal,
  onStreamEnd: OnStreamEnd,
): SharedStreams {
  const { ring, patience, joinPatience, refusalMemory } = options
  const streams = new Map<string, SharedStream>()
  const refused = new LRUCache<string, true>({ max: rememberedRefusals, ttl: refusalMemory })

  const enter = ({ key, cursor, open, toPayload }: JoinRequest): SharedStream => {
    const stream = openSharedStream({
      open,
      toPayload,
      start: cursor,
      bounds: ring,
      total,
      patience,
      joinPatience,
      onEnd(end) {
        if (streams.get(key) === stream) streams.delete(key)
        const isRefused = end.kind === 'lost' && end.refused
        if (isRefused) refused.set(key, true)
        onStreamEnd(isRefused ? 'refused' : end.kind, end.kind === 'left' ? undefined : end.error)
      },
    })
    streams.set(key, stream)
    return stream
  }
  return {
    async join(request) {
      const { key, cursor, subject, sink } = request
      if (refused.has(key)) return undefined
      return (streams.get(key) ?? enter(request)).join(cursor, { subject, sink })
    },
    move() {
      const moved = [...streams.values()]
      streams.clear()
      const together = moved.reduce((sum, stream) => sum + stream.listeners(), 0)
      for (const stream of moved) {
        stream.move(together)
        onStreamEnd('moved', undefined)
      }
    },
    counts() {
      const sum = (of: (stream: SharedStream) => number) =>
        streams.values().reduce((total, each) => total + of(each), 0)
      return {
        streams: streams.size,
        listeners: sum((stream) => stream.listeners()),
        ringBytes: sum((stream) => stream.ringBytes()),
      }
    },
  }
}
