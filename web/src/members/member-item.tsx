import { mutate } from '../api/mutate.ts'
import type { MembersQuery, RoomRole } from '../generated/graphql.ts'
import { useServices } from '../services.ts'
import { Avatar } from '../ui/avatar.tsx'
import { FormError } from '../ui/form-error.tsx'
import { Icon } from '../ui/icon.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { RemoveMember } from './documents.ts'

export type Member = NonNullable<MembersQuery['room']>['members']['edges'][number]['node']

interface MemberItemProps {
  roomId: string
  member: Member
  viewerId: string
  viewerRole: RoomRole
  onRemoved: () => Promise<unknown>
}

const rank: Record<RoomRole, number> = { MEMBER: 0, MODERATOR: 1, OWNER: 2 }
const roleNames: Record<RoomRole, string> = { MEMBER: '', MODERATOR: 'Moderator', OWNER: 'Owner' }

export function MemberItem({ roomId, member, viewerId, viewerRole, onRemoved }: MemberItemProps) {
  const { client } = useServices()
  const remove = useSubmit(async () => {
    await mutate(client, RemoveMember, { roomId, userId: member.userId })
    await onRemoved()
  })
  const name = member.user?.displayName ?? 'Unknown'
  return (
    <li className="member">
      <Avatar id={member.userId} name={name} url={member.user?.avatarUrl} />
      <div className="member-text">
        <span className="clip">
          <strong>{name}</strong>
          {member.userId === viewerId && <span className="quiet"> (you)</span>}
        </span>
        <span className="quiet clip">
          {[member.user && `@${member.user.username}`, roleNames[member.role]].filter(Boolean).join(' · ')}
        </span>
        <FormError error={remove.error} />
      </div>
      {rank[viewerRole] > rank[member.role] && (
        <button
          type="button"
          className="icon-button"
          aria-label={`Remove ${name}`}
          title="Remove"
          disabled={remove.busy}
          onClick={() => void remove.submit()}
        >
          <Icon name="close" />
        </button>
      )}
    </li>
  )
}
