import { useRef, useState } from 'react'
import { ErrorBoundary } from './problems/error-boundary.tsx'
import { RoomPage } from './room/room-page.tsx'
import { BrowseRoomsDialog } from './rooms/browse-rooms-dialog.tsx'
import { NewRoomDialog } from './rooms/new-room-dialog.tsx'
import { Sidebar } from './rooms/sidebar.tsx'
import { useRooms } from './rooms/use-rooms.ts'
import type { Viewer } from './session/session.ts'
import { hrefOfRoom, hrefOfRooms, useRoomInHash } from './use-room-in-hash.ts'

/** The page of a viewer who is signed in: their rooms, and the one that is open. */
export function Workspace({ viewer }: { viewer: Viewer }) {
  const roomId = useRoomInHash()
  const rooms = useRooms()
  const [dialog, setDialog] = useState<'new' | 'browse'>()
  const unsentTexts = useRef(new Map<string, string>())

  const openRoom = (id: string) => {
    setDialog(undefined)
    location.hash = hrefOfRoom(id)
    void rooms.refresh()
  }
  const leaveRoom = () => {
    location.hash = hrefOfRooms
    void rooms.refresh()
  }

  return (
    <div className={roomId ? 'workspace in-room' : 'workspace'}>
      <Sidebar
        viewer={viewer}
        rooms={rooms}
        openRoomId={roomId}
        onNew={() => setDialog('new')}
        onBrowse={() => setDialog('browse')}
      />
      {roomId ? (
        <ErrorBoundary key={roomId}>
          <RoomPage
            roomId={roomId}
            viewer={viewer}
            unsentTexts={unsentTexts.current}
            rooms={rooms}
            onLeft={leaveRoom}
          />
        </ErrorBoundary>
      ) : (
        <main className="no-room">
          <title>Parley</title>
          <p>Choose a room to read and write in it.</p>
        </main>
      )}
      {dialog === 'new' && <NewRoomDialog onClose={() => setDialog(undefined)} onCreated={openRoom} />}
      {dialog === 'browse' && <BrowseRoomsDialog onClose={() => setDialog(undefined)} onOpen={openRoom} />}
    </div>
  )
}
