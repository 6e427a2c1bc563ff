import { useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { toApiError } from '../api/api-error.ts'
import { Dialog } from '../ui/dialog.tsx'
import { FormError } from '../ui/form-error.tsx'
import { useDebounced } from '../ui/use-debounced.ts'
import { useSubmit } from '../ui/use-submit.ts'
import { PublicRooms } from './documents.ts'
import { PublicRoom } from './public-room.tsx'

const typingPause = 250

export function BrowseRoomsDialog({ onClose, onOpen }: { onClose: () => void; onOpen: (roomId: string) => void }) {
  const [text, setText] = useState('')
  const search = useDebounced(text.trim(), typingPause)
  const { data, previousData, error, loading, fetchMore } = useQuery(PublicRooms, {
    variables: { search: search || null },
    fetchPolicy: 'cache-and-network',
    errorPolicy: 'all',
  })
  const rooms = (data ?? previousData)?.publicRooms
  const more = useSubmit(async () => {
    const { error: failure } = await fetchMore({ variables: { after: rooms?.pageInfo.endCursor } })
    if (failure) throw failure
  })
  return (
    <Dialog title="Browse rooms" onClose={onClose}>
      <input
        type="search"
        aria-label="Search public rooms"
        placeholder="Search public rooms"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <ul className="public-rooms" aria-busy={loading}>
        {rooms?.edges.map(({ node }) => (
          <PublicRoom key={node.id} room={node} onOpen={onOpen} />
        ))}
      </ul>
      {!rooms && loading && <p className="quiet">Loading rooms…</p>}
      {rooms?.edges.length === 0 && !loading && (
        <p className="quiet">{search ? `No public room starts with “${search}”.` : 'There are no public rooms yet.'}</p>
      )}
      <FormError error={error ? toApiError(error) : more.error} />
      {rooms?.pageInfo.hasNextPage && (
        <button type="button" disabled={more.busy} onClick={() => void more.submit()}>
          {more.busy ? 'Loading…' : 'Show more'}
        </button>
      )}
    </Dialog>
  )
}
