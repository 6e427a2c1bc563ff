import { useSyncExternalStore } from 'react'

/** The id of the room that the address names: `#/rooms/<id>`. */
export function useRoomInHash(): string | undefined {
  return useSyncExternalStore(subscribe, roomInHash)
}

export function hrefOfRoom(roomId: string): string {
  return `#/rooms/${encodeURIComponent(roomId)}`
}

export const hrefOfRooms = '#/'

function subscribe(listener: () => void) {
  window.addEventListener('hashchange', listener)
  return () => window.removeEventListener('hashchange', listener)
}

function roomInHash() {
  const [, id] = /^#\/rooms\/([^/]+)$/.exec(location.hash) ?? []
  return id && decodeURIComponent(id)
}
