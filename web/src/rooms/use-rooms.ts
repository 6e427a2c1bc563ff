import { useCallback, useEffect, useRef, useState } from 'react'
import { type ApiError, toApiError } from '../api/api-error.ts'
import type { Message } from '../room/room-state.ts'
import { useServices } from '../services.ts'
import { byLastActivity, fetchRooms, type RoomRow } from './fetch-rooms.ts'

export interface Rooms {
  /** The viewer's rooms, the one with the newest message first; undefined until they have arrived. */
  list: readonly RoomRow[] | undefined
  error: ApiError | undefined
  refresh: () => Promise<void>
  /** Shows the room as read; the server has been told. */
  markSeen: (roomId: string) => void
  /** Shows the message as the last one of its room. */
  showLast: (message: Message) => void
}

const pollEvery = 10_000

/** The viewer's rooms, asked for again at intervals while the page is visible, and when it becomes visible. */
export function useRooms(): Rooms {
  const { client } = useServices()
  const [list, setList] = useState<readonly RoomRow[]>()
  const [error, setError] = useState<ApiError>()
  const latest = useRef(0)

  const refresh = useCallback(async () => {
    const request = ++latest.current
    try {
      const rooms = await fetchRooms(client)
      if (request !== latest.current) return
      setList(rooms)
      setError(undefined)
    } catch (failure) {
      if (request === latest.current) setError(toApiError(failure))
    }
  }, [client])

  const markSeen = useCallback((roomId: string) => {
    // An answer that is on its way was counted before the room was read.
    latest.current++
    setList((rooms) => rooms?.map((room) => (room.id === roomId ? { ...room, unreadCount: 0 } : room)))
  }, [])

  const showLast = useCallback((message: Message) => {
    setList((rooms) =>
      rooms
        ?.map((room) => (room.id === message.roomId ? { ...room, lastMessage: message } : room))
        .sort(byLastActivity),
    )
  }, [])

  useEffect(() => {
    const refreshIfVisible = () => {
      if (document.visibilityState === 'visible') void refresh()
    }
    refreshIfVisible()
    const timer = setInterval(refreshIfVisible, pollEvery)
    document.addEventListener('visibilitychange', refreshIfVisible)
    return () => {
      latest.current++
      clearInterval(timer)
      document.removeEventListener('visibilitychange', refreshIfVisible)
    }
  }, [refresh])

  return { list, error, refresh, markSeen, showLast }
}
