import type { MessagePartsFragment } from '../generated/graphql.ts'
import type { RoomEvent } from '../live/room-events.ts'

export type Message = MessagePartsFragment

export interface RoomState {
  /** Keyed by id, in `seq` order. */
  readonly messages: ReadonlyMap<string, Message>
  /** Whether the server has messages before the first one here. */
  readonly hasOlder: boolean
  /** Whether the first messages have arrived. */
  readonly loaded: boolean
}

export type RoomAction =
  | { readonly type: 'event'; readonly event: RoomEvent }
  /** The answer to one's own send, edit or delete; its event comes as well. */
  | { readonly type: 'changed'; readonly message: Message }
  /** A page that was asked for with the cursor `before`. */
  | {
      readonly type: 'older'
      readonly before: string
      readonly messages: readonly Message[]
      readonly hasOlder: boolean
    }

export const emptyRoom: RoomState = { messages: new Map(), hasOlder: false, loaded: false }

/** The room after `action`. The same action applied again changes nothing. */
export function roomReducer(state: RoomState, action: RoomAction): RoomState {
  switch (action.type) {
    case 'event':
      return applyEvent(state, action.event)
    case 'changed':
      return put(state, [action.message])
    case 'older':
      // A snapshot may have replaced the list meanwhile; the page would then leave a hole.
      if (firstMessage(state)?.cursor !== action.before) return state
      return { ...put(state, action.messages), hasOlder: action.hasOlder }
  }
}

export function firstMessage(state: RoomState): Message | undefined {
  return state.messages.values().next().value
}

function applyEvent(state: RoomState, event: RoomEvent): RoomState {
  switch (event.__typename) {
    case 'RoomSnapshot': {
      const replaces = event.reset || !state.loaded
      const base = replaces ? { ...emptyRoom, hasOlder: event.hasPreviousPage } : state
      return { ...put(base, event.messages), loaded: true }
    }
    case 'MessageSent':
      return put(state, [event.message])
    case 'MessageEdited':
    case 'MessageDeleted':
      // A message before the first one here would leave a hole; it comes in its new form with its page.
      return state.messages.has(event.message.id) ? put(state, [event.message]) : state
    default:
      return state
  }
}

function put(state: RoomState, incoming: readonly Message[]): RoomState {
  const messages = new Map(state.messages)
  let last = [...messages.values()].at(-1)
  let inOrder = true
  for (const message of incoming) {
    const known = messages.get(message.id)
    messages.set(message.id, known ? newer(known, message) : message)
    if (known) continue
    inOrder &&= !last || last.seq < message.seq
    last = message
  }
  if (inOrder) return { ...state, messages }
  return { ...state, messages: new Map([...messages].sort(([, a], [, b]) => a.seq - b.seq)) }
}

/** Of two versions of a message the later one: answers and events may arrive in either order. */
function newer(known: Message, incoming: Message): Message {
  const isNewer = version(incoming) >= version(known)
  const [later, earlier] = isNewer ? [incoming, known] : [known, incoming]
  return later.sender ? later : { ...later, sender: earlier.sender }
}

function version(message: Message): number {
  if (message.deletedAt) return Number.POSITIVE_INFINITY
  return message.editedAt ? Date.parse(message.editedAt) : 0
}
