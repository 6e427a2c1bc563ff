import { useEffect, useRef } from 'react'
import { toApiError } from '../api/api-error.ts'
import { mutate } from '../api/mutate.ts'
import { useServices } from '../services.ts'
import { MarkRead } from './documents.ts'
import type { RoomState } from './room-state.ts'
import { usePageVisible } from './use-page-visible.ts'

interface MarkReadOptions {
  roomId: string
  room: RoomState
  viewerId: string
  /** Whether the newest message is in view. */
  isSeen: boolean
  onRead: (roomId: string) => void
}

const settleFor = 500

/** Tells the server how far the viewer has read, a moment after they have seen the newest message of someone else. */
export function useMarkRead({ roomId, room, viewerId, isSeen, onRead }: MarkReadOptions) {
  const { client } = useServices()
  const isVisible = usePageVisible()
  const told = useRef<string>(undefined)
  const upTo = [...room.messages.values()].findLast((message) => message.senderId !== viewerId)?.cursor

  useEffect(() => {
    if (!upTo || !isSeen || !isVisible || told.current === upTo) return
    const timer = setTimeout(async () => {
      try {
        await mutate(client, MarkRead, { roomId, upTo })
        told.current = upTo
        onRead(roomId)
      } catch (failure) {
        // The next message, or the next look at the page, tells it again; a fault of this page would not mend itself.
        if (toApiError(failure).code === 'UNEXPECTED') throw failure
      }
    }, settleFor)
    return () => clearTimeout(timer)
  }, [client, roomId, upTo, isSeen, isVisible, onRead])
}
