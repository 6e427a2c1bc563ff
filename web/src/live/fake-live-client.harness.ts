import type { Client, Event, EventClosedListener, Sink } from 'graphql-ws'
import type { RoomEventsSubscription } from '../generated/graphql.ts'
import type { RoomEvent } from './room-events.ts'

/** What a follower asked for, and the hands to answer it. */
export interface FakeSubscription {
  after: unknown
  isOpen: boolean
  send: (event: RoomEvent) => void
  refuse: (code: string) => void
  complete: () => void
}

/** Stands in for graphql-ws in tests: `next` waits for the next subscription, `close` closes the socket. */
export function createFakeLiveClient() {
  const arrived: FakeSubscription[] = []
  const waiting: ((subscription: FakeSubscription) => void)[] = []
  const closedListeners = new Set<EventClosedListener>()

  const subscribe = (
    payload: { variables?: Record<string, unknown> | null },
    sink: Sink<{ data: RoomEventsSubscription }>,
  ) => {
    const subscription: FakeSubscription = {
      after: payload.variables?.after,
      isOpen: true,
      send: (event) => sink.next({ data: { roomEvents: event } }),
      refuse: (code) => sink.error([{ message: code, extensions: { code } }]),
      complete: () => sink.complete(),
    }
    const waiter = waiting.shift()
    if (waiter) waiter(subscription)
    else arrived.push(subscription)
    return () => {
      subscription.isOpen = false
    }
  }
  const on = (_: Event, listener: EventClosedListener) => {
    closedListeners.add(listener)
    return () => closedListeners.delete(listener)
  }

  return {
    client: { subscribe, on } as unknown as Pick<Client, 'subscribe' | 'on'>,
    next: () => {
      const subscription = arrived.shift()
      return subscription
        ? Promise.resolve(subscription)
        : new Promise<FakeSubscription>((resolve) => waiting.push(resolve))
    },
    close: (code: number) => {
      for (const listener of [...closedListeners]) listener({ code, reason: '' })
    },
  }
}
