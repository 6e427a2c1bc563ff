import type { ExecutionResult } from 'graphql'
import { TooSlow } from '../upstream.ts'
import { createFrameRing, type Frame, type FrameRingBounds, type FrameSink } from './frames.ts'
import { createPieces } from './pieces.ts'
import type { RingTotal } from './ring-total.ts'
import { runSharedUpstream, type SharedEnd } from './shared-upstream.ts'

/** Why a listener gets no more: it was removed from the audience, or the stream ended under it. */
export type ListenerEnd =
  | { kind: 'removed' }
  | { kind: 'failed'; error: unknown }
  /** It goes on by itself, after its cursor, as one of so many who do so at the same time. */
  | { kind: 'lost'; together: number }

/** A client's place in a shared stream. */
export interface Listening {
  ended: Promise<ListenerEnd>
  /** The last cursor that was written to the client. */
  cursor(): string
  leave(): void
}

/** One upstream, and everybody who listens to it. A listener is a position in its ring and nothing else. */
export interface SharedStream {
  /**
   * Goes on after the event with this cursor, which the listener has had. Waits a little for a stream that is not there yet;
   * undefined when it does not come there in time, or is past it.
   */
  join(cursor: string, listener: NewListener): Promise<Listening | undefined>
  /** Ends for all that listen, who go on by themselves, as some of so many who do so at the same time. */
  move(together: number): void
  listeners(): number
  ringBytes(): number
}

export interface NewListener {
  /** The user whom the stream may remove. */
  subject: string
  sink: FrameSink
}

export interface SharedStreamOptions {
  open(after: string): AsyncGenerator<ExecutionResult, void>
  toPayload(event: ExecutionResult): Promise<Buffer>
  start: string
  bounds: FrameRingBounds
  /** Of the rings of all streams. */
  total: RingTotal
  /** How long a lost upstream is tried to be got back, in milliseconds. */
  patience: number
  /** How long who is ahead waits for the stream to come there, in milliseconds. */
  joinPatience: number
  /** Called once, when the stream is over and takes nobody any more. */
  onEnd(end: SharedEnd): void
}

interface Listener extends NewListener {
  position: number
  cursor: string
  waits: boolean
  end(reason: ListenerEnd): void
}

export function openSharedStream(options: SharedStreamOptions): SharedStream {
  const { open, toPayload, start, bounds, total, patience, joinPatience } = options
  const ring = createFrameRing(start, bounds)
  const pieces = createPieces(ring)
  const listeners = new Set<Listener>()
  const waiters = new Map<string, Set<() => void>>()
  const closed = new AbortController()
  let over = false
  const share = total.enter({ weight: ring.weight, dropTo: (weight, keepsOwed) => dropTo(weight, keepsOwed) })

  const dropTo = (weight: number, keepsOwed: boolean): number => {
    // Who does not wait has had everything.
    const waiting = [...listeners].filter(({ waits }) => waits)
    const owed = keepsOwed
      ? waiting.reduce((least, { position }) => Math.min(least, position), ring.head())
      : ring.head()
    const before = ring.oldest()
    while (ring.oldest() < owed && ring.weight() > weight) ring.dropOldest()
    const passed = waiting.filter(({ position }) => position < ring.oldest())
    for (const listener of passed) listener.end({ kind: 'lost', together: passed.length })
    return ring.oldest() - before
  }
  /** Writes what is due, until the client is congested. */
  const write = (listener: Listener) => {
    for (let piece = pieces.after(listener.position); piece; piece = pieces.after(listener.position)) {
      if (listener.sink.isCongested()) {
        listener.waits = true
        listener.sink.onceDrained(() => {
          listener.waits = false
          if (listeners.has(listener)) write(listener)
        })
        return
      }
      listener.sink.writeAll(piece.payloads)
      listener.position = piece.end
      listener.cursor = piece.cursor ?? listener.cursor
      if (piece.remove.includes(listener.subject)) return listener.end({ kind: 'removed' })
    }
    if (listener.position < ring.head()) listener.end({ kind: 'failed', error: new TooSlow() })
  }
  const writeToAll = () => {
    for (const listener of listeners) {
      if (!listener.waits) write(listener)
      else if (ring.after(listener.position) === undefined) listener.end({ kind: 'failed', error: new TooSlow() })
    }
  }
  const deliver = (frames: Frame[]) => {
    let held = { frames: 0, bytes: 0 }
    for (const frame of frames) {
      // What is held back for one write must not push out of the ring what a listener has not had.
      const isMuch = held.frames >= bounds.maxFrames / 2 || held.bytes + frame.payload.length > bounds.maxBytes / 2
      if (held.frames > 0 && isMuch) {
        writeToAll()
        held = { frames: 0, bytes: 0 }
      }
      ring.push(frame)
      held = { frames: held.frames + 1, bytes: held.bytes + frame.payload.length }
    }
    writeToAll()
    share.holds(ring.weight())
    for (const { cursor } of frames) for (const arrive of (cursor !== null && waiters.get(cursor)) || []) arrive()
  }
  const stop = () => {
    over = true
    share.leave()
  }
  const finish = (end: SharedEnd, together = listeners.size) => {
    stop()
    for (const listener of [...listeners]) listener.end(end.kind === 'failed' ? end : { kind: 'lost', together })
    for (const arrivals of waiters.values()) for (const arrive of arrivals) arrive()
  }
  const closeIfLeft = () => {
    if (over || listeners.size > 0 || waiters.size > 0) return
    stop()
    closed.abort()
    options.onEnd({ kind: 'left' })
  }
  const arrival = (cursor: string) =>
    new Promise<void>((resolve) => {
      const arrivals = waiters.get(cursor) ?? new Set()
      waiters.set(cursor, arrivals)
      const arrive = () => {
        clearTimeout(timer)
        arrivals.delete(arrive)
        if (arrivals.size === 0) waiters.delete(cursor)
        resolve()
      }
      const timer = setTimeout(arrive, joinPatience)
      arrivals.add(arrive)
    })

  void runSharedUpstream({ open, toPayload, start, onFrames: deliver, patience, signal: closed.signal }).then((end) => {
    if (over) return
    finish(end)
    options.onEnd(end)
  })

  return {
    async join(cursor, { subject, sink }) {
      if (!over && ring.positionOf(cursor) === undefined) await arrival(cursor)
      const position = ring.positionOf(cursor)
      if (over || position === undefined) {
        closeIfLeft()
        return undefined
      }
      const { promise: ended, resolve } = Promise.withResolvers<ListenerEnd>()
      const end = (reason: ListenerEnd) => {
        if (listeners.delete(listener)) resolve(reason)
        closeIfLeft()
      }
      const listener: Listener = { subject, sink, position, cursor, waits: false, end }
      listeners.add(listener)
      write(listener)
      return { ended, cursor: () => listener.cursor, leave: () => end({ kind: 'lost', together: 0 }) }
    },
    move(together) {
      if (over) return
      closed.abort()
      finish({ kind: 'lost', refused: false, error: undefined }, together)
    },
    listeners: () => listeners.size,
    ringBytes: ring.bytes,
  }
}
