import { useSyncExternalStore } from 'react'

/** The id of the room that the address names: `#/rooms/<id>`. */
export function useRoomInHash(): string | undefined {
  return useSyncExternalStore(subscribe, () => roomIn(location.hash))
}

export function hrefOfRoom(roomId: string): string {
  return `#/rooms/${encodeURIComponent(roomId)}`
}

export const hrefOfRooms = '#/'

function subscribe(listener: () => void) {
  window.addEventListener('hashchange', listener)
  return () => window.removeEventListener('hashchange', listener)
}

/** The room that a hash names; undefined when it names none. People type and cut addresses: any text has an answer. */
export function roomIn(hash: string): string | undefined {
  const id = /^#\/rooms\/([^/]+)$/.exec(hash)?.[1]
  if (id === undefined) return undefined
  try {
    return decodeURIComponent(id)
  } catch {
    // A malformed escape: there is no such room, and its page says so.
    return id
  }
}
