import type { Ref } from 'react'
import type { FollowStatus } from '../../../client/follower.ts'
import type { RoomHeaderQuery } from '../generated/graphql.ts'
import { Icon } from '../ui/icon.tsx'
import { hrefOfRooms } from '../use-room-in-hash.ts'

interface RoomHeadProps {
  room: NonNullable<RoomHeaderQuery['room']>
  status: FollowStatus
  isStale: boolean
  showsMembers: boolean
  membersButton: Ref<HTMLButtonElement>
  onToggleMembers: () => void
}

export function RoomHead({ room, status, isStale, showsMembers, membersButton, onToggleMembers }: RoomHeadProps) {
  return (
    <header className="room-head">
      <a className="icon-button back" href={hrefOfRooms} aria-label="Back to rooms">
        <Icon name="back" />
      </a>
      <div className="room-title">
        <h2 className="clip">
          {room.kind === 'PRIVATE' && <Icon name="lock" />}
          {room.name ?? 'Unnamed room'}
        </h2>
        {room.topic && (
          <p className="quiet clip" title={room.topic}>
            {room.topic}
          </p>
        )}
      </div>
      <p className="connection" role="status">
        {status === 'reconnecting' && 'Reconnecting…'}
        {status === 'ended' && (
          <>
            New messages do not come in.{' '}
            <button type="button" className="link" onClick={() => location.reload()}>
              Reload
            </button>
          </>
        )}
        {status === 'live' && isStale && 'Not up to date'}
      </p>
      <button ref={membersButton} type="button" aria-expanded={showsMembers} onClick={onToggleMembers}>
        <Icon name="members" /> <span className="members-word">Members</span> {room.memberCount}
      </button>
    </header>
  )
}
