import { useCallback, useEffect, useReducer, useState } from 'react'
import type { FollowStatus } from '../../../client/follower.ts'
import { read } from '../api/read.ts'
import { type RoomEvent, RoomEvents } from '../live/room-events.ts'
import { useServices } from '../services.ts'
import { OlderMessages } from './documents.ts'
import { emptyRoom, firstMessage, type Message, roomReducer } from './room-state.ts'

interface RoomFeedOptions {
  onEvent: (event: RoomEvent) => void
  /** The viewer may not follow the room any more. */
  onEnd: () => void
}

/** A room's messages, kept up to date as long as the component is there. The callbacks must be stable. */
export function useRoomFeed(roomId: string, { onEvent, onEnd }: RoomFeedOptions) {
  const { client, live, outbox } = useServices()
  const [room, dispatch] = useReducer(roomReducer, emptyRoom)
  const [status, setStatus] = useState<FollowStatus>('connecting')

  useEffect(
    () =>
      live.follow({
        query: RoomEvents,
        variables: { roomId },
        onEvent: (event) => {
          dispatch({ type: 'event', event })
          onEvent(event)
        },
        onStatus: (next, loss) => {
          setStatus(next)
          if (next === 'live') outbox.retryPassing()
          if (next === 'ended' && loss?.kind === 'refused') onEnd()
        },
      }),
    [roomId, live, outbox, onEvent, onEnd],
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
