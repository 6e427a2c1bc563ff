import { useCallback, useEffect, useReducer, useState } from 'react'
import type { ApiError } from '../api/api-error.ts'
import { read } from '../api/read.ts'
import { followRoom, type LiveStatus } from '../live/follow-room.ts'
import type { RoomEvent } from '../live/room-events.ts'
import { waitToRetry } from '../live/wait-to-retry.ts'
import { useServices } from '../services.ts'
import { OlderMessages } from './documents.ts'
import { emptyRoom, firstMessage, type Message, roomReducer } from './room-state.ts'

interface RoomFeedOptions {
  onEvent: (event: RoomEvent) => void
  /** The room cannot be followed any more. */
  onEnd: (reason: ApiError | undefined) => void
}

/** A room's messages, kept up to date as long as the component is there. The callbacks must be stable. */
export function useRoomFeed(roomId: string, { onEvent, onEnd }: RoomFeedOptions) {
  const { client, live, session, outbox } = useServices()
  const [room, dispatch] = useReducer(roomReducer, emptyRoom)
  const [status, setStatus] = useState<LiveStatus>('connecting')

  useEffect(
    () =>
      followRoom({
        roomId,
        client: live,
        session,
        wait: waitToRetry,
        onEvent: (event) => {
          dispatch({ type: 'event', event })
          onEvent(event)
        },
        onStatus: (next, reason) => {
          setStatus(next)
          if (next === 'live') outbox.retryPassing()
          if (next === 'ended') onEnd(reason)
        },
      }),
    [roomId, live, session, outbox, onEvent, onEnd],
  )

  const show = useCallback((message: Message) => dispatch({ type: 'changed', message }), [])

  useEffect(
    () =>
      outbox.onSent((message) => {
        if (message.roomId === roomId) show(message)
      }),
    [outbox, roomId, show],
  )

  const before = firstMessage(room)?.cursor
  const loadOlder = useCallback(async () => {
    if (!before) return
    const page = (await read(client, OlderMessages, { roomId, before })).room?.messages
    if (!page) return
    const messages = page.edges.map(({ node }) => node)
    dispatch({ type: 'older', before, messages, hasOlder: page.pageInfo.hasPreviousPage })
  }, [client, roomId, before])

  return { room, status, show, loadOlder }
}
