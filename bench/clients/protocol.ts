/** What every listener of a benchmark subscribes to: messages with a sender whose name and picture another subgraph has. */
export const subscription = `subscription ($roomId: ID!, $after: String) {
  roomEvents(roomId: $roomId, after: $after) {
    __typename cursor
    ... on RoomSnapshot { reset messages { id } }
    ... on MessageSent { message { id seq text sender { displayName avatarUrl } } }
  }
}`

/** The messages of graphql-transport-ws that a listener sends. */
export const initMessage = (accessToken: string) =>
  JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${accessToken}` } })

export const subscribeMessage = (roomId: string, after?: string) =>
  JSON.stringify({ id: '1', type: 'subscribe', payload: { query: subscription, variables: { roomId, after } } })

/** Microseconds on a clock that all processes of the machine share. */
export const sharedClock = () => Number(process.hrtime.bigint() / 1_000n)

/** A text of the usual length that tells when it was sent. */
export const timedText = (at: number) => `@${at}@ a message of the usual length`

/** When a frame that holds such a text was sent; undefined for other frames. */
export function sentAt(frame: Buffer): number | undefined {
  const start = frame.indexOf(marker) + 1
  const end = start > 0 ? frame.indexOf(marker, start) : 0
  return end > start ? Number(frame.toString('latin1', start, end)) : undefined
}

const marker = '@'.charCodeAt(0)
