import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import type { GraphqlError, Person } from './clients.ts'

/** An event of a room as a reader sees it. */
export interface SeenEvent {
  __typename: string
  cursor: string
  reset?: boolean
  message?: SeenMessage
  messages?: SeenMessage[]
  userId?: string
}

export interface SeenMessage {
  id: string
  seq: number
  text: string
  sender: { displayName: string } | null
}

export interface Reader {
  events: SeenEvent[]
  /** Errors that came along with events. */
  errors: GraphqlError[]
  /** What ended the subscription: nothing while it runs. */
  ended?: { completed: true } | { errors: GraphqlError[] } | { code: number; reason: string }
  /** The cursor to resume with. */
  cursor(): string | undefined
  /** The messages that were sent, in the order they came. */
  sent(): SeenMessage[]
  /** Waits until the condition holds. Throws, with what was seen, when it does not within 20 s. */
  until(condition: (reader: Reader) => boolean): Promise<void>
  /** Cuts the connection, as a lost network does. */
  cut(): void
  close(): Promise<void>
}

const message = 'id seq text sender { displayName }'
const subscription = `subscription ($roomId: ID!, $after: String) {
  roomEvents(roomId: $roomId, after: $after) {
    __typename cursor
    ... on RoomSnapshot { reset messages { ${message} } }
    ... on MessageSent { message { ${message} } }
    ... on MessageEdited { message { ${message} } }
    ... on MessageDeleted { message { ${message} } }
    ... on MemberLeft { userId }
  }
}`

/** Follows a room as a client would, from the cursor or from a snapshot. */
export function follow(url: string, who: Pick<Person, 'accessToken'>, roomId: string, after?: string): Reader {
  let socket: WebSocket | undefined
  const watchers = new Set<() => void>()
  const changed = () => {
    for (const watcher of watchers) watcher()
  }
  class CuttableSocket extends WebSocket {
    constructor(address: string, protocols: string) {
      super(address, protocols)
      socket = this
    }
  }
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: CuttableSocket,
    connectionParams: { authorization: `Bearer ${who.accessToken}` },
    retryAttempts: 0,
    onNonLazyError: () => {},
  })
  const reader: Reader = {
    events: [],
    errors: [],
    cursor: () => reader.events.at(-1)?.cursor ?? after,
    sent: () =>
      reader.events.flatMap((event) => (event.__typename === 'MessageSent' && event.message ? [event.message] : [])),
    until: (condition) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const check = () => {
        if (condition(reader)) resolve()
      }
      const timer = setTimeout(() => {
        const seen = {
          events: reader.events.length,
          last: reader.events.at(-1),
          errors: reader.errors.at(-1),
          ended: reader.ended,
        }
        reject(new Error(`What was waited for did not come. Seen: ${JSON.stringify(seen)}`))
      }, 20_000)
      watchers.add(check)
      check()
      return promise.finally(() => {
        clearTimeout(timer)
        watchers.delete(check)
      })
    },
    cut: () => socket?.terminate(),
    close: async () => void (await client.dispose()),
  }
  client.subscribe<{ roomEvents: SeenEvent }>(
    { query: subscription, variables: { roomId, after } },
    {
      next: ({ data, errors }) => {
        if (data?.roomEvents) reader.events.push(data.roomEvents)
        if (errors) reader.errors.push(...(errors as unknown as GraphqlError[]))
        changed()
      },
      error: (error) => {
        const { code = 0, reason = String(error) } = (error ?? {}) as { code?: number; reason?: string }
        reader.ended = Array.isArray(error) ? { errors: error as GraphqlError[] } : { code, reason }
        changed()
      },
      complete: () => {
        reader.ended ??= { completed: true }
        changed()
      },
    },
  )
  return reader
}
