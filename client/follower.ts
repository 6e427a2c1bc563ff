import { afterLoss, askedToWait, type GraphQLErrorLike, type Loss } from './after-loss.ts'
import { backoff, paceAfter } from './backoff.ts'
import type { Clock } from './clock.ts'
import type { Connection, SubscriptionResult } from './connection.ts'
import { createPosition, type Place } from './position.ts'
import { type SharedConnection, steadyAfter } from './shared-connection.ts'

/**
 * `connecting` at first; `live` from when the server has said that nothing is missing; `reconnecting` from a loss until it says
 * so again; `ended` when going on is of no use.
 */
export type FollowStatus = 'connecting' | 'live' | 'reconnecting' | 'ended'

/** What came along with an event. */
export interface EventDetails {
  /** Where the follower now stands: `after` for a later time. Null as long as nothing came that is in the log. */
  cursor: string | null
  /** Of fields that could not be given, and are null. */
  errors: readonly GraphQLErrorLike[]
}

/** The functions must not throw. */
export interface FollowerOptions {
  query: string
  variables: object
  cursorVariable: string
  after: string | null | undefined
  placeOf(event: unknown): Place | undefined
  onEvent(event: unknown, details: EventDetails): void
  onStatus(status: FollowStatus, loss?: Loss): void
  shared: SharedConnection
  clock: Clock
}

/** Holds one subscription through every loss. Gives what stops it; nothing is called after that. */
export function startFollower(options: FollowerOptions): () => void {
  const { query, variables, cursorVariable, onEvent, onStatus, shared, clock } = options
  const position = createPosition(options.after)
  let connection: Connection | undefined
  let losses = 0
  let isOver = false
  let isWaiting = false
  let liveSince: number | undefined
  let unsubscribe = () => {}
  let cancelRetry = () => {}

  const subscribe = (on: Connection) => {
    let isCurrent = true
    const endWith = (loss: Loss) => {
      if (isCurrent) onRefused(loss)
    }
    const leave = on.subscribe(
      { query, variables: { ...variables, [cursorVariable]: position.cursor() } },
      {
        next: (result) => {
          if (isCurrent) receive(result, endWith)
        },
        error: (errors) => endWith({ kind: 'refused', errors }),
        complete: () => endWith({ kind: 'completed' }),
      },
    )
    unsubscribe = () => {
      isCurrent = false
      leave()
    }
  }

  const receive = ({ data, errors = [] }: SubscriptionResult, endWith: (loss: Loss) => void) => {
    const event = rootValue(data)
    if (event === undefined && errors.length > 0) return endWith({ kind: 'refused', errors })
    const place = options.placeOf(event)
    if (!place) return endWith({ kind: 'unreadable', problem: 'An event came without its __typename or its cursor' })
    if (position.take(place)) onEvent(event, { cursor: position.cursor(), errors })
    if (isOver || place.kind === 'event' || liveSince !== undefined) return
    liveSince = clock.now()
    onStatus('live')
  }

  const onLoss = (loss: Loss) => {
    unsubscribe()
    if (liveSince !== undefined && clock.now() - liveSince >= steadyAfter) losses = 0
    liveSince = undefined
    onStatus('reconnecting', loss)
  }

  /** The subscription is over, the connection is not. */
  const onRefused = (loss: Loss) => {
    const next = afterLoss(loss)
    if (next === 'give-up' || next === 'sign-in') return end(loss)
    onLoss(loss)
    if (isOver) return
    if (next === 'new-token') shared.renewToken()
    isWaiting = true
    cancelRetry = clock.schedule(
      () => {
        isWaiting = false
        if (connection) subscribe(connection)
      },
      askedToWait(loss) + backoff(losses, paceAfter(next, losses), clock.random),
    )
    losses += 1
  }

  const stop = () => {
    isOver = true
    cancelRetry()
    unsubscribe()
    leaveShared()
  }
  const end = (loss: Loss) => {
    stop()
    onStatus('ended', loss)
  }
  // Another follower's callback, called just before, may have stopped this one.
  const leaveShared = shared.join({
    onReady(opened) {
      if (isOver) return
      connection = opened
      if (!isWaiting) subscribe(opened)
    },
    onLost(loss) {
      if (isOver) return
      connection = undefined
      onLoss(loss)
    },
    onEnd(loss) {
      if (!isOver) end(loss)
    },
  })
  return stop
}

/** The value of the one field that a subscription has. */
function rootValue(data: unknown): unknown {
  const [, value] = Object.entries(data ?? {}).find(([name]) => name !== '__typename') ?? []
  return value ?? undefined
}
