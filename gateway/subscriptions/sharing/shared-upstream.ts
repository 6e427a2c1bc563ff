import { setTimeout as pause } from 'node:timers/promises'
import type { ExecutionResult } from 'graphql'
import { placeOf } from '../place.ts'
import { UpstreamErrors } from '../upstream.ts'
import type { Frame } from './frames.ts'
import { createInOrder } from './in-order.ts'

/** How a shared stream ends: nobody listens any more; its listeners go on by themselves; or they are told the error. */
export type SharedEnd =
  | { kind: 'left' }
  | { kind: 'lost'; refused: boolean; error: unknown }
  | { kind: 'failed'; error: unknown }

export interface SharedUpstreamOptions {
  /** Opens the upstream after a cursor. */
  open(after: string): AsyncGenerator<ExecutionResult, void>
  /** The event with the fields of every subgraph, as a payload. */
  toPayload(event: ExecutionResult): Promise<Buffer>
  /** The cursor to begin after. */
  start: string
  /** Takes what is due at once. */
  onFrames(frames: Frame[]): void
  /** How long it tries to get a lost upstream back, in milliseconds. */
  patience: number
  signal: AbortSignal
}

/** How many events are completed at a time. */
const concurrency = 16
/**
 * An upstream that stood this long, in milliseconds, was open, even if nothing came: losing it is a new loss. Longer than it takes to give
 * up replicas that cannot be reached.
 */
const proven = 30_000

/** Keeps one upstream open and gives its frames in order; opens a lost one again after the last event it gave. */
export async function runSharedUpstream(options: SharedUpstreamOptions): Promise<SharedEnd> {
  const { open, toPayload, start, onFrames, patience, signal } = options
  let position = start
  let failure: { error: unknown } | undefined
  let stop = () => {}
  let lostAt: number | undefined
  const inOrder = createInOrder<Frame | { error: unknown }>({
    limit: concurrency,
    onReady(results) {
      if (failure || signal.aborted) return
      const firstError = results.findIndex((result) => 'error' in result)
      const frames = firstError < 0 ? results : results.slice(0, firstError)
      if (frames.length > 0) onFrames(frames as Frame[])
      if (firstError < 0) return
      failure = results[firstError] as { error: unknown }
      stop()
    },
  })
  const toFrame = async (
    event: ExecutionResult,
    place: Pick<Frame, 'cursor' | 'remove'>,
  ): Promise<Frame | { error: unknown }> => {
    try {
      return { cursor: place.cursor, remove: place.remove, payload: await toPayload(event) }
    } catch (error) {
      return { error }
    }
  }
  const read = async (): Promise<{ how: 'completed' | 'refused' | 'lost'; error?: unknown }> => {
    const upstream = open(position)
    stop = () => void upstream.return()
    signal.addEventListener('abort', stop)
    try {
      for await (const event of upstream) {
        const place = placeOf(event)
        // Without its place nobody could go on from here.
        if (!place) return { how: 'refused' }
        lostAt = undefined
        position = place.cursor ?? position
        await inOrder.add(toFrame(event, place))
      }
      return { how: 'completed' }
    } catch (error) {
      return { how: error instanceof UpstreamErrors && !isPassing(error) ? 'refused' : 'lost', error }
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  for (let attempt = 0; ; attempt += 1) {
    const openedAt = performance.now()
    const { how, error } = failure ? { how: 'lost', error: undefined } : await read()
    if (signal.aborted) return { kind: 'left' }
    const now = performance.now()
    if (now - openedAt > proven) lostAt = undefined
    if (failure || how !== 'lost' || (lostAt !== undefined && now - lostAt > patience)) {
      await inOrder.settled()
      return failure ? { kind: 'failed', ...failure } : { kind: 'lost', refused: how === 'refused', error }
    }
    if (lostAt === undefined) [lostAt, attempt] = [now, 0]
    await pause(Math.random() * Math.min(1_000, 50 * 2 ** attempt), undefined, { signal }).catch(() => {})
  }
}

const passing: unknown[] = ['UNAVAILABLE', 'TOO_MANY_REQUESTS', 'INTERNAL_SERVER_ERROR']

/** The subgraph is there, but cannot serve right now. */
const isPassing = ({ errors }: UpstreamErrors) => errors.every(({ extensions }) => passing.includes(extensions?.code))
