import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql'
import { mapStream } from '../streams/map-stream.ts'

/** Where a `@resumable` subscription stands after an event, for the gateway, which takes it out before a client sees the event. */
export interface Place {
  /** The position after the event, for the field's cursor argument; null for an event that is in no log. */
  cursor: string | null
  /** Whether the stream has caught up: one that is opened for everyone after `cursor` may go on in its stead. */
  live: boolean
  /**
   * The ids of users who must see nothing after the event. Of what a viewer is replayed it may name that viewer and go on: then the removal
   * was taken back since.
   */
  remove?: string[]
}

/** What the `subscribe` of a `@resumable` field yields: its `resolve` makes the field's value of it. */
export interface ResumableEvent {
  resumable: Place
}

/**
 * graphql's own `subscribe`, but that each event's place stands in the `extensions` of its result, as `resumable`, and that each event is
 * executed in a context of its own.
 */
export async function subscribeWithPlaces(
  args: ExecutionArgs,
  contextOfEvent: (context: unknown) => unknown = (context) => context,
): Promise<AsyncGenerator<ExecutionResult, void> | ExecutionResult> {
  const events = await createSourceEventStream(args)
  if (!(Symbol.asyncIterator in events)) return events
  return mapStream(events[Symbol.asyncIterator](), async (event) => {
    const result = await execute({ ...args, contextValue: contextOfEvent(args.contextValue), rootValue: event })
    return isResumable(event) ? { ...result, extensions: { resumable: event.resumable } } : result
  })
}

const isResumable = (event: unknown): event is ResumableEvent =>
  typeof event === 'object' && event !== null && 'resumable' in event
