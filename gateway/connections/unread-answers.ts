import type { Socket } from 'node:net'

/** Less than this of a connection's answers, in bytes, is on its way rather than unread. */
const uncounted = 16_384

interface Unread {
  socket: Socket
  bytes: number
}

interface Address {
  unread: Unread[]
  sum: number
}

/**
 * Which connections to close so that at most so many bytes of answers wait for clients to take them: none while it is less. Each time it is
 * the largest of the address for which most waits. `addresses` has the connections of each address.
 */
export function excessiveUnread(
  addresses: Iterable<Iterable<Socket>>,
  unreadOf: (socket: Socket) => number,
  most: number,
): Socket[] {
  const counted = [...addresses].map((sockets) => addressOf(sockets, unreadOf)).filter(({ sum }) => sum > 0)
  let total = counted.reduce((all, { sum }) => all + sum, 0)
  if (total <= most) return []
  const closing: Socket[] = []
  // Some room is left, so that not each answer looks again.
  while (total > most - most / 8) {
    const largest = counted.reduce((one, other) => (other.sum > one.sum ? other : one))
    const next = largest.unread.pop()
    if (!next) break
    largest.sum -= next.bytes
    total -= next.bytes
    closing.push(next.socket)
  }
  return closing
}

function addressOf(sockets: Iterable<Socket>, unreadOf: (socket: Socket) => number): Address {
  const unread = [...sockets]
    .map((socket) => ({ socket, bytes: unreadOf(socket) }))
    .filter(({ bytes }) => bytes > uncounted)
    .sort((one, other) => one.bytes - other.bytes)
  return { unread, sum: unread.reduce((sum, { bytes }) => sum + bytes, 0) }
}
