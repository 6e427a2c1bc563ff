import type { Loss } from './after-loss.ts'
import type { EventDetails, FollowStatus } from './follower.ts'

/** Going on is of no use: `loss` says why. */
export class FollowEnded extends Error {
  readonly loss: Loss

  constructor(loss: Loss) {
    super(`The subscription has ended: ${explain(loss)}`)
    this.name = 'FollowEnded'
    this.loss = loss
  }
}

interface Hooks<Event> {
  after: string | null | undefined
  onEvent: (event: Event, details: EventDetails) => void
  onStatus: (status: FollowStatus, loss?: Loss) => void
}

export interface EventStreamOptions<Event> {
  follow: (hooks: Hooks<Event>) => () => void
  after: string | null | undefined
  /** Nothing will be followed any more. May be called again. */
  onOver: () => void
}

/** How many events may wait for a slow reader. */
const most = 256

/**
 * The events of a follower, begun at the first `next` and stopped by `return`. A reader that is too slow holds a position, not a
 * queue: the follower is stopped when many events wait, and goes on after the last of them once they are read.
 */
export function streamEvents<Event>(options: EventStreamOptions<Event>): AsyncIterableIterator<Event, undefined> {
  const { follow, after, onOver } = options
  const waiting: Event[] = []
  let cursor = after
  let stop: (() => void) | undefined
  let ended: FollowEnded | undefined
  let isLeft = false
  let wake = () => {}

  const pause = () => {
    stop?.()
    stop = undefined
  }
  const begin = () => {
    stop = follow({
      after: cursor,
      onEvent(event, details) {
        waiting.push(event)
        cursor = details.cursor
        if (waiting.length >= most) pause()
        wake()
      },
      onStatus(status, loss) {
        if (status === 'ended' && loss) ended = new FollowEnded(loss)
        wake()
      },
    })
  }
  const take = async (): Promise<IteratorResult<Event, undefined>> => {
    while (!isLeft) {
      const [event] = waiting.splice(0, 1)
      if (event !== undefined) return { value: event }
      if (ended) throw ended
      if (!stop) begin()
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    return { done: true, value: undefined }
  }

  const leave = () => {
    isLeft = true
    pause()
    wake()
    onOver()
  }

  let turn: Promise<unknown> = Promise.resolve()
  return {
    next() {
      const taken = turn.then(take)
      turn = taken.catch(leave)
      return taken
    },
    return() {
      leave()
      return Promise.resolve({ done: true, value: undefined })
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

function explain(loss: Loss): string {
  switch (loss.kind) {
    case 'closed':
      return `the socket was closed with ${loss.code} ${loss.reason}`
    case 'refused':
      return loss.errors.map(({ message }) => message).join(' ')
    case 'unreadable':
      return loss.problem
    case 'completed':
    case 'no-token':
      return loss.kind
  }
}
