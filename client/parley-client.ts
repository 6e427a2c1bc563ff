import type { TokenSource } from './access-token.ts'
import type { Loss } from './after-loss.ts'
import { type Clock, systemClock } from './clock.ts'
import type { SocketConstructor } from './connection.ts'
import { streamEvents } from './event-stream.ts'
import { type EventDetails, type FollowStatus, startFollower } from './follower.ts'
import { type Place, placeOf } from './position.ts'
import { createSharedConnection } from './shared-connection.ts'

/** A subscription as text, or as what GraphQL Code Generator makes of it: its result and variables are then known. */
export type SubscriptionDocument<Data, Variables> = string | { readonly __apiType?: (variables: Variables) => Data }

/** The value of a subscription's one root field. */
export type EventOf<Data> = Data[Exclude<keyof Data, '__typename'>]

export interface Subscription<Data, Variables> {
  /** Has to select `__typename` and `cursor`, and `reset` of a `RoomSnapshot`; or give `placeOf`. */
  query: SubscriptionDocument<Data, Variables>
  variables?: Variables
  /** The variable that takes the cursor to resume after. */
  cursorVariable?: string
  /** Where to begin: the cursor of the last event of an earlier time. Without it with a snapshot. */
  after?: string | null
  /** Where an event stands in its log. */
  placeOf?: (event: EventOf<Data>) => Place | undefined
}

export interface Follow<Data, Variables> extends Subscription<Data, Variables> {
  /** Called with every event once, in order; the event counts as given when it throws. */
  onEvent: (event: EventOf<Data>, details: EventDetails) => void
  /** Called with every change after `connecting`, and again with each further loss while `reconnecting`. */
  onStatus?: (status: FollowStatus, loss?: Loss) => void
}

export interface ParleyClientOptions {
  /** Of the graph: `wss://…/graphql`. A function is asked before each connection, and may take turns. */
  url: string | (() => string)
  token: TokenSource
  /** Without it the global `WebSocket`. */
  webSocketImpl?: SocketConstructor
  /** The session was ended, here or elsewhere, or `token` gave null. All subscriptions have ended; new ones may follow a sign-in. */
  onSignedOut?: () => void
  /** Makes text of a document that is none yet: graphql's `print`. */
  print?: (document: never) => string
  clock?: Clock
}

export interface ParleyClient {
  /**
   * Follows a `@resumable` subscription from its last cursor on through every loss of connection. Gives what stops it: no callback
   * comes after that. What a callback throws is thrown as an uncaught error, as in an event listener. Throws for variables that
   * are no JSON.
   */
  follow<Data, Variables extends object = Record<string, unknown>>(follow: Follow<Data, Variables>): () => void
  /**
   * The same as an async iterator, to be left with `break` or `return()`. While its reader is slow no more than some hundred
   * events wait; the rest stays on the server. Throws `FollowEnded` where `follow` would say `ended`; is done after `close()`.
   */
  events<Data, Variables extends object = Record<string, unknown>>(
    subscription: Subscription<Data, Variables>,
  ): AsyncIterableIterator<EventOf<Data>, undefined>
  /** Reconnects without further delay, or finds out whether the connection still holds: for when the device is online again. */
  retryNow(): void
  /**
   * Stops all subscriptions, ends all iterators (what waits in them is not given), and closes the socket. Resolves when nothing is
   * left. A later `follow` opens another one.
   */
  close(): Promise<void>
}

/** A client for one viewer and one graph: any number of subscriptions on one WebSocket. Throws when there is no `WebSocket`. */
export function createParleyClient(options: ParleyClientOptions): ParleyClient {
  const { url, token, onSignedOut = () => {}, print = String, clock = systemClock } = options
  const webSocketImpl = options.webSocketImpl ?? globalThis.WebSocket
  if (!webSocketImpl)
    throw new Error('There is no WebSocket here: give webSocketImpl, for instance of the package "ws"')
  const shared = createSharedConnection({
    url: typeof url === 'string' ? () => url : url,
    token,
    webSocketImpl,
    clock,
    onSignedOut: guarded(onSignedOut),
  })
  const stops = new Set<() => void>()

  const follow = <Data, Variables extends object>(given: Follow<Data, Variables>) => {
    const { query, variables = {}, cursorVariable = 'after', after, onEvent, onStatus = () => {} } = given
    const place = given.placeOf as ((event: unknown) => Place | undefined) | undefined
    const stopFollower = startFollower({
      query: typeof query === 'string' ? query : print(query as never),
      // As they are now. graphql-ws would lose track of its socket over what is no JSON.
      variables: JSON.parse(JSON.stringify(variables)),
      cursorVariable,
      after,
      placeOf: guarded(place ?? placeOf),
      onEvent: guarded((event, details) => onEvent(event as EventOf<Data>, details)),
      onStatus: guarded((status, loss) => {
        if (status === 'ended') stops.delete(stop)
        onStatus(status, loss)
      }),
      shared,
      clock,
    })
    const stop = () => {
      stops.delete(stop)
      stopFollower()
    }
    stops.add(stop)
    return stop
  }

  const events = <Data, Variables extends object>(given: Subscription<Data, Variables>) => {
    const stream = streamEvents<EventOf<Data>>({
      follow: (hooks) => follow({ ...given, ...hooks }),
      after: given.after,
      onOver: () => stops.delete(leave),
    })
    // While its reader is slow it has no follower to be stopped, and would begin another one.
    const leave = () => void stream.return?.()
    stops.add(leave)
    return stream
  }

  return {
    follow,
    events,
    retryNow: shared.retryNow,
    close() {
      for (const stop of [...stops]) stop()
      return shared.close()
    },
  }
}

/** An error of the caller's is thrown where nobody takes it for the server's. */
function guarded<Args extends unknown[], Result>(callback: (...args: Args) => Result) {
  return (...args: Args): Result | undefined => {
    try {
      return callback(...args)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}
