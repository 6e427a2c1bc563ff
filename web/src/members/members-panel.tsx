import { useQuery } from '@apollo/client/react'
import { useEffect, useRef } from 'react'
import { toApiError } from '../api/api-error.ts'
import { mutate } from '../api/mutate.ts'
import type { RoomRole } from '../generated/graphql.ts'
import { useServices } from '../services.ts'
import { FormError } from '../ui/form-error.tsx'
import { Icon } from '../ui/icon.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { AddMemberForm } from './add-member-form.tsx'
import { LeaveRoom, Members } from './documents.ts'
import { MemberItem } from './member-item.tsx'

interface MembersPanelProps {
  roomId: string
  viewerId: string
  role: RoomRole
  /** Counts the changes of the room's members. */
  changes: number
  onClose: () => void
  onLeft: () => void
}

export function MembersPanel({ roomId, viewerId, role, changes, onClose, onLeft }: MembersPanelProps) {
  const { client } = useServices()
  const { data, previousData, error, fetchMore, refetch } = useQuery(Members, {
    variables: { roomId },
    fetchPolicy: 'cache-and-network',
    errorPolicy: 'all',
  })
  const members = (data ?? (error && previousData))?.room?.members
  const more = useSubmit(async () => {
    const { error: failure } = await fetchMore({ variables: { after: members?.pageInfo.endCursor } })
    if (failure) throw failure
  })
  const leave = useSubmit(async () => {
    await mutate(client, LeaveRoom, { roomId })
    onLeft()
  })

  const shown = useRef(changes)
  useEffect(() => {
    if (shown.current === changes) return
    shown.current = changes
    void refetch()
  }, [changes, refetch])

  return (
    <aside className="members" aria-label="Members">
      <header className="members-head">
        <h2>Members</h2>
        <button type="button" className="icon-button" aria-label="Close members" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {role !== 'MEMBER' && <AddMemberForm roomId={roomId} onAdded={refetch} />}
      <div className="members-list">
        {!members && !error && <p className="quiet">Loading members…</p>}
        {error && <FormError error={toApiError(error)} />}
        <ul>
          {members?.edges.map(({ node }) => (
            <MemberItem
              key={node.userId}
              roomId={roomId}
              member={node}
              viewerId={viewerId}
              viewerRole={role}
              onRemoved={refetch}
            />
          ))}
        </ul>
        {members?.pageInfo.hasNextPage && (
          <button type="button" disabled={more.busy} onClick={() => void more.submit()}>
            {more.busy ? 'Loading…' : 'Show more'}
          </button>
        )}
        <FormError error={more.error} />
      </div>
      <footer className="members-foot">
        <FormError error={leave.error} />
        <button type="button" disabled={leave.busy} onClick={() => void leave.submit()}>
          {leave.busy ? 'Leaving…' : 'Leave room'}
        </button>
      </footer>
    </aside>
  )
}
