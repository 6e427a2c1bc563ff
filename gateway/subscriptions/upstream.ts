import type { ExecutionResult } from 'graphql'
import type { SubscribePayload } from 'graphql-ws'
import { AppError, unavailable } from '../../platform/errors/app-error.ts'
import { abortable } from '../../platform/streams/abortable.ts'
import type { SubgraphStream } from './subgraph-stream.ts'

/** Thrown to a reader that left more waiting than it may. */
export class TooSlow extends AppError {
  override name = 'TooSlow'

  constructor() {
    super('UNAVAILABLE', 'Live updates are not read fast enough: resume.')
  }
}

/** Thrown when the subgraph itself refuses or ends the subscription with errors. */
export class UpstreamErrors extends Error {
  override name = 'UpstreamErrors'
  readonly errors: readonly { message: string; extensions?: Record<string, unknown> }[]

  constructor(errors: UpstreamErrors['errors']) {
    super(errors[0]?.message ?? 'The subscription failed')
    this.errors = errors
  }
}

/** What waits of all upstreams together, in about bytes. */
export interface Backlog {
  bytes: number
}

export interface UpstreamOptions {
  /** About how much may wait for the reader, in bytes. */
  maxBytes: number
  backlog: Backlog
  /** How long the first event may take, in milliseconds, of a stream that begins by telling where it stands; others may be silent. */
  beginsWithin?: number
}

/**
 * The events of one subscription at a subgraph. What the reader has not taken waits, in about `maxBytes`: past that it gives what
 * waits, and throws `TooSlow`. A lost connection is `UNAVAILABLE`: the client resumes with its cursor.
 */
export function openUpstream(
  stream: Pick<SubgraphStream, 'subscribe'>,
  payload: SubscribePayload,
  { maxBytes, backlog, beginsWithin }: UpstreamOptions,
): AsyncGenerator<ExecutionResult, void> {
  return abortable<ExecutionResult>(async function* (signal) {
    const waiting: { event: ExecutionResult; bytes: number }[] = []
    let bytes = 0
    let ended: { error?: unknown } | undefined
    let wake = () => {}
    const end = (error?: unknown) => {
      ended ??= { error }
      wake()
    }
    const notBegun = () => end(unavailable('Live updates did not begin in time: try again.'))
    const timer = beginsWithin === undefined ? undefined : setTimeout(notBegun, beginsWithin)
    const dispose = stream.subscribe(payload, {
      next(event) {
        clearTimeout(timer)
        if (ended) return
        // A subscription that is refused, or that breaks: it is what `error` would have told.
        if (!event.data && event.errors?.length) return end(new UpstreamErrors(event.errors))
        // Sizes are only taken while there is a backlog: a reader that keeps up costs nothing.
        const size = waiting.length === 0 ? 0 : JSON.stringify(event).length
        waiting.push({ event: event as ExecutionResult, bytes: size })
        bytes += size
        backlog.bytes += size
        if (bytes > maxBytes) {
          end(new TooSlow())
          dispose()
        }
        wake()
      },
      error: (error) =>
        end(Array.isArray(error) ? new UpstreamErrors(error) : unavailable('Live updates were interrupted: resume.')),
      complete: () => end(),
    })
    signal.addEventListener('abort', () => wake())
    try {
      for (;;) {
        if (signal.aborted) return
        const next = waiting.shift()
        if (next) {
          bytes -= next.bytes
          backlog.bytes -= next.bytes
          yield next.event
        } else if (ended) {
          if (ended.error) throw ended.error
          return
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    } finally {
      clearTimeout(timer)
      backlog.bytes -= bytes
      ended ??= {}
      dispose()
    }
  })
}
