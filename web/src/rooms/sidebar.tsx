import { useServices } from '../services.ts'
import type { Viewer } from '../session/session.ts'
import { Avatar } from '../ui/avatar.tsx'
import { FormError } from '../ui/form-error.tsx'
import { Icon } from '../ui/icon.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { hrefOfRooms } from '../use-room-in-hash.ts'
import { RoomLink } from './room-link.tsx'
import type { Rooms } from './use-rooms.ts'

interface SidebarProps {
  viewer: Viewer
  rooms: Rooms
  openRoomId: string | undefined
  onNew: () => void
  onBrowse: () => void
}

export function Sidebar({ viewer, rooms, openRoomId, onNew, onBrowse }: SidebarProps) {
  const { session } = useServices()
  const signOut = useSubmit(async () => {
    await session.signOut()
    location.hash = hrefOfRooms
  })
  const name = viewer.user?.displayName ?? 'You'
  return (
    <aside className="sidebar" aria-label="Your rooms and account">
      <header className="sidebar-head">
        <h1 className="brand">Parley</h1>
        <div className="sidebar-actions">
          <button type="button" onClick={onBrowse}>
            <Icon name="search" /> Browse rooms
          </button>
          <button type="button" onClick={onNew}>
            <Icon name="plus" /> New room
          </button>
        </div>
      </header>
      <nav className="rooms" aria-label="Rooms">
        {!rooms.list && !rooms.error && <p className="quiet">Loading rooms…</p>}
        <FormError error={rooms.error} />
        {rooms.list?.length === 0 && <p className="quiet">No rooms yet: make one or join a public one.</p>}
        <ul>
          {rooms.list?.map((room) => (
            <li key={room.id}>
              <RoomLink room={room} isOpen={room.id === openRoomId} viewerId={viewer.userId} />
            </li>
          ))}
        </ul>
      </nav>
      <footer className="sidebar-foot">
        <FormError error={signOut.error} />
        <div className="account">
          <Avatar id={viewer.userId} name={name} url={viewer.user?.avatarUrl} />
          <div className="account-name">
            <strong>{name}</strong>
            {viewer.user && <span className="quiet">@{viewer.user.username}</span>}
          </div>
          <button
            type="button"
            className="icon-button"
            aria-label="Sign out"
            title="Sign out"
            disabled={signOut.busy}
            onClick={() => void signOut.submit()}
          >
            <Icon name="signOut" />
          </button>
        </div>
      </footer>
    </aside>
  )
}
