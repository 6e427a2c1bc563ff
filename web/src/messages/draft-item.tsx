import type { Draft } from '../sending/outbox.ts'
import { useServices } from '../services.ts'
import type { Viewer } from '../session/session.ts'
import { MessageFrame } from './message-frame.tsx'

/** A message that the server has not confirmed. */
export function DraftItem({ draft, viewer, startsGroup }: { draft: Draft; viewer: Viewer; startsGroup: boolean }) {
  const { outbox } = useServices()
  return (
    <MessageFrame
      senderId={viewer.userId}
      name={viewer.user?.displayName ?? 'You'}
      avatarUrl={viewer.user?.avatarUrl}
      at={draft.createdAt}
      startsGroup={startsGroup}
      isWaiting
    >
      <p className="message-text">{draft.text}</p>
      {draft.status === 'sending' && <p className="quiet draft-note">Sending…</p>}
      {draft.status === 'failed' && (
        <p className="draft-note failed" role="alert">
          Not sent. {draft.error?.fields.text ?? draft.error?.message}
          <button type="button" className="link" onClick={() => outbox.retry(draft.clientMessageId)}>
            Retry
          </button>
          <button type="button" className="link" onClick={() => outbox.discard(draft.clientMessageId)}>
            Discard
          </button>
        </p>
      )}
    </MessageFrame>
  )
}
