import { mutate } from '../api/mutate.ts'
import type { PublicRoomsQuery } from '../generated/graphql.ts'
import { useServices } from '../services.ts'
import { FormError } from '../ui/form-error.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { JoinRoom } from './documents.ts'

type Room = PublicRoomsQuery['publicRooms']['edges'][number]['node']

export function PublicRoom({ room, onOpen }: { room: Room; onOpen: (roomId: string) => void }) {
  const { client } = useServices()
  const join = useSubmit(async () => {
    await mutate(client, JoinRoom, { roomId: room.id })
    onOpen(room.id)
  })
  const name = room.name ?? 'Unnamed room'
  return (
    <li className="public-room">
      <div className="public-room-text">
        <strong className="clip">{name}</strong>
        <span className="quiet clip">
          {room.memberCount === 1 ? '1 member' : `${room.memberCount} members`}
          {room.topic && ` · ${room.topic}`}
        </span>
        <FormError error={join.error} />
      </div>
      {room.viewerMembership ? (
        <button type="button" aria-label={`Open ${name}`} onClick={() => onOpen(room.id)}>
          Open
        </button>
      ) : (
        <button
          type="button"
          className="primary"
          aria-label={`Join ${name}`}
          disabled={join.busy}
          onClick={() => void join.submit()}
        >
          {join.busy ? 'Joining…' : 'Join'}
        </button>
      )}
    </li>
  )
}
