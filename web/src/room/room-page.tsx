import { useQuery } from '@apollo/client/react'
import { toApiError } from '../api/api-error.ts'
import { mutate } from '../api/mutate.ts'
import { JoinRoom } from '../rooms/documents.ts'
import { useServices } from '../services.ts'
import { FormError } from '../ui/form-error.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { hrefOfRooms } from '../use-room-in-hash.ts'
import { Conversation, type OpenRoomProps } from './conversation.tsx'
import { RoomHeader } from './documents.ts'

const notThere = ['NOT_FOUND', 'FORBIDDEN', 'BAD_USER_INPUT']

export function RoomPage(props: OpenRoomProps) {
  const { roomId, rooms } = props
  const { client } = useServices()
  const { data, previousData, error, loading, refetch } = useQuery(RoomHeader, {
    variables: { roomId },
    fetchPolicy: 'cache-and-network',
    errorPolicy: 'all',
    notifyOnNetworkStatusChange: true,
  })
  const join = useSubmit(async () => {
    await mutate(client, JoinRoom, { roomId })
    await Promise.all([refetch(), rooms.refresh()])
  })
  // A refetch that fails must not take the conversation away.
  const room = (data ?? (error && previousData))?.room
  // An id that cannot be one comes from an address that somebody typed or cut.
  const failure = error && !notThere.includes(toApiError(error).code) ? toApiError(error) : undefined
  if (room?.viewerMembership) {
    const { role } = room.viewerMembership
    return <Conversation {...props} room={room} role={role} isStale={error !== undefined} onChanged={refetch} />
  }
  return (
    <main className="no-room">
      <title>{room?.name ? `${room.name} – Parley` : 'Parley'}</title>
      {!room && loading && <p className="quiet">Loading…</p>}
      {room && (
        <>
          <h2>{room.name}</h2>
          {room.topic && <p className="quiet">{room.topic}</p>}
          <p>You are not a member of this room.</p>
          <FormError error={join.error} />
          <button type="button" className="primary" disabled={join.busy} onClick={() => void join.submit()}>
            Join {room.name}
          </button>
        </>
      )}
      {!room && !loading && !failure && <p>There is no such room, or you are not a member of it.</p>}
      {!room && !loading && failure && (
        <>
          <FormError error={failure} />
          <button type="button" onClick={() => void refetch()}>
            Try again
          </button>
        </>
      )}
      <a href={hrefOfRooms}>All rooms</a>
    </main>
  )
}
