import { Icon } from '../ui/icon.tsx'
import { hrefOfRoom } from '../use-room-in-hash.ts'
import type { RoomRow } from './fetch-rooms.ts'

const mostCounted = 99

export function RoomLink({ room, isOpen, viewerId }: { room: RoomRow; isOpen: boolean; viewerId: string }) {
  const name = room.name ?? 'Unnamed room'
  const unread = room.unreadCount
  return (
    <a
      className="room-link"
      href={hrefOfRoom(room.id)}
      aria-current={isOpen ? 'page' : undefined}
      aria-label={unread > 0 ? `${name}, ${unread} unread` : name}
    >
      <span className="room-link-name">
        {room.kind === 'PRIVATE' && <Icon name="lock" />}
        <span className="clip">{name}</span>
      </span>
      {unread > 0 && <span className="unread">{unread > mostCounted ? `${mostCounted}+` : unread}</span>}
      <span className="room-link-last clip">{preview(room, viewerId)}</span>
    </a>
  )
}

function preview({ lastMessage }: RoomRow, viewerId: string): string {
  if (!lastMessage) return 'No messages yet'
  if (lastMessage.deletedAt) return 'Message deleted'
  const sender = lastMessage.senderId === viewerId ? 'You' : (lastMessage.sender?.displayName ?? 'Unknown')
  return `${sender}: ${lastMessage.text}`
}
