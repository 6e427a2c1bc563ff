import { useCallback, useRef, useState, useSyncExternalStore } from 'react'
import type { RoomHeaderQuery, RoomRole } from '../generated/graphql.ts'
import type { RoomEvent } from '../live/room-events.ts'
import { MembersPanel } from '../members/members-panel.tsx'
import { MessageList } from '../messages/message-list.tsx'
import type { Rooms } from '../rooms/use-rooms.ts'
import { Composer } from '../sending/composer.tsx'
import { useServices } from '../services.ts'
import type { Viewer } from '../session/session.ts'
import { RoomHead } from './room-head.tsx'
import { useMarkRead } from './use-mark-read.ts'
import { useRoomFeed } from './use-room-feed.ts'

export interface OpenRoomProps {
  roomId: string
  viewer: Viewer
  rooms: Rooms
  /** What was typed into message boxes and not sent, by room. */
  unsentTexts: Map<string, string>
  onLeft: () => void
}

interface ConversationProps extends OpenRoomProps {
  room: NonNullable<RoomHeaderQuery['room']>
  role: RoomRole
  /** Its name, topic and members could not be asked for again. */
  isStale: boolean
  /** The room's name, topic or members are not what they were. */
  onChanged: () => Promise<unknown>
}

/** An open room of the viewer's: its messages, the message box, and its members when asked for. */
export function Conversation(props: ConversationProps) {
  const { roomId, viewer, rooms, unsentTexts, room, role, isStale, onChanged, onLeft } = props
  const { outbox } = useServices()
  const [showsMembers, setShowsMembers] = useState(false)
  const [memberChanges, setMemberChanges] = useState(0)
  const [isAtEnd, setIsAtEnd] = useState(true)
  const membersButton = useRef<HTMLButtonElement>(null)

  const { showLast, refresh } = rooms
  const onEvent = useCallback(
    (event: RoomEvent) => {
      if (event.__typename === 'MessageSent') return showLast(event.message)
      if (!/^(Member(Joined|Left|Changed)|RoomUpdated|CaughtUp)$/.test(event.__typename)) return
      setMemberChanges((count) => count + 1)
      void onChanged()
      void refresh()
    },
    [showLast, refresh, onChanged],
  )
  const onEnd = useCallback(() => {
    void onChanged()
    void refresh()
  }, [onChanged, refresh])

  const feed = useRoomFeed(roomId, { onEvent, onEnd })
  const drafts = useSyncExternalStore(outbox.subscribe, outbox.drafts)
  useMarkRead({ roomId, room: feed.room, viewerId: viewer.userId, isSeen: isAtEnd, onRead: rooms.markSeen })

  const closeMembers = () => {
    setShowsMembers(false)
    membersButton.current?.focus()
  }

  return (
    <div className={showsMembers ? 'room with-members' : 'room'}>
      <title>{`${room.name ?? 'Room'} – Parley`}</title>
      <main className="conversation">
        <RoomHead
          room={room}
          status={feed.status}
          isStale={isStale}
          showsMembers={showsMembers}
          membersButton={membersButton}
          onToggleMembers={() => setShowsMembers(!showsMembers)}
        />
        <MessageList
          room={feed.room}
          drafts={drafts.filter((draft) => draft.roomId === roomId)}
          viewer={viewer}
          mayDeleteAll={role !== 'MEMBER'}
          onChanged={feed.show}
          onLoadOlder={feed.loadOlder}
          onAtEnd={setIsAtEnd}
        />
        <Composer
          roomName={room.name ?? 'the room'}
          initialText={unsentTexts.get(roomId) ?? ''}
          onText={(text) => unsentTexts.set(roomId, text)}
          onSend={(text) => outbox.send(roomId, text)}
        />
      </main>
      {showsMembers && (
        <MembersPanel
          roomId={roomId}
          viewerId={viewer.userId}
          role={role}
          changes={memberChanges}
          onClose={closeMembers}
          onLeft={onLeft}
        />
      )}
    </div>
  )
}
