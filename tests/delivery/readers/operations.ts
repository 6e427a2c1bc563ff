import type { SeenEvent } from '../verdict/seen-event.ts'

/** A way to ask for the events of a room. */
export interface Operation {
  name: string
  of(roomId: string, after: string | undefined): { query: string; variables: Record<string, unknown> }
  /** The event in its results. */
  read(data: Record<string, unknown>): SeenEvent | undefined
}

interface PlainEvent extends Omit<SeenEvent, 'type'> {
  __typename: string
  member?: { userId: string }
}

const readPlain = ({ roomEvents }: { roomEvents?: PlainEvent }): SeenEvent | undefined =>
  roomEvents && { ...roomEvents, type: roomEvents.__typename, userId: roomEvents.userId ?? roomEvents.member?.userId }

const membership = '... on MemberJoined { member { userId } } ... on MemberLeft { userId reason }'
const snapshot = '... on RoomSnapshot { reset messages { seq text } }'
const message = 'id seq text senderId'

const plain = (name: string, selection: string): Operation => ({
  name,
  of: (roomId, after) => ({
    query: `subscription ($roomId: ID!, $after: String) {
      roomEvents(roomId: $roomId, after: $after) { __typename cursor at ${snapshot} ${membership} ${selection} }
    }`,
    variables: { roomId, after },
  }),
  read: readPlain,
})

const asked = plain('plain', `... on MessageSent { message { ${message} sender { displayName } } }`)

/** The same as the plain one to whoever compares operations by what they mean. */
const reworded: Operation = {
  name: 'reworded',
  of: (room, since) => ({
    query: `subscription Follow($since: String, $room: ID!) {
      roomEvents(after: $since, roomId: $room) {
        ... on MessageSent { message { sender { displayName } senderId text seq id } }
        ... on MemberLeft { reason userId }
        ... on MemberJoined { member { userId } }
        ... on RoomSnapshot { messages { text seq } reset }
        at cursor __typename
      }
    }`,
    variables: { room, since },
  }),
  read: readPlain,
}

/** The same again. */
const inlined: Operation = {
  name: 'inlined',
  of: (roomId, after) => ({
    query: `subscription ($after: String) {
      roomEvents(roomId: "${roomId}", after: $after) {
        __typename cursor at ${snapshot} ${membership}
        ... on MessageSent { message { ${message} sender { displayName } } }
      }
    }`,
    variables: { after },
  }),
  read: readPlain,
}

interface AliasedEvent {
  kind: string
  place: string | null
  when: string
  anew?: boolean
  last?: { number: number; words: string }[]
  said?: { id: string; number: number; words: string; by: string; who: { name: string } | null }
  joined?: { who: string }
  left?: string
}

/** Another operation: its results have another shape. */
const aliased: Operation = {
  name: 'aliased',
  of: (roomId, after) => ({
    query: `subscription ($roomId: ID!, $after: String) {
      happened: roomEvents(roomId: $roomId, after: $after) {
        kind: __typename place: cursor when: at
        ... on RoomSnapshot { anew: reset last: messages { number: seq words: text } }
        ... on MessageSent {
          said: message { id number: seq words: text by: senderId who: sender { name: displayName } }
        }
        ... on MemberJoined { joined: member { who: userId } }
        ... on MemberLeft { left: userId }
      }
    }`,
    variables: { roomId, after },
  }),
  read({ happened }: { happened?: AliasedEvent }) {
    if (!happened) return undefined
    const { kind, place, when, anew, last, said, joined, left } = happened
    return {
      type: kind,
      cursor: place,
      at: when,
      reset: anew,
      messages: last?.map(({ number, words }) => ({ seq: number, text: words })),
      message: said && {
        id: said.id,
        seq: said.number,
        text: said.words,
        senderId: said.by,
        sender: said.who && { displayName: said.who.name },
      },
      userId: left ?? joined?.who,
    }
  },
}

/** The ways in which readers ask. What depends on the viewer is never shared; what needs one subgraph only has no rest to run. */
export const operations = {
  plain: asked,
  reworded,
  'viewer-dependent': plain(
    'viewer-dependent',
    `... on MessageSent { message { ${message} sender { displayName } } }
     ... on RoomUpdated { room { topic viewerMembership { role } } }`,
  ),
  inlined,
  aliased,
  'without-sender': plain('without-sender', `... on MessageSent { message { ${message} } }`),
}

export type OperationName = keyof typeof operations
export const operationNames = Object.keys(operations) as OperationName[]
