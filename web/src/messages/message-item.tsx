import { memo, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { mutate } from '../api/mutate.ts'
import type { Message } from '../room/room-state.ts'
import { useServices } from '../services.ts'
import { FormError } from '../ui/form-error.tsx'
import { Icon } from '../ui/icon.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { DeleteMessage } from './documents.ts'
import { EditForm } from './edit-form.tsx'
import { MessageFrame } from './message-frame.tsx'
import { fullTimeOf } from './times.ts'

interface MessageItemProps {
  message: Message
  /** The day to announce above the message. */
  day: string | undefined
  startsGroup: boolean
  isOwn: boolean
  mayDelete: boolean
  onChanged: (message: Message) => void
}

export const MessageItem = memo(function MessageItem(props: MessageItemProps) {
  const { message, day, startsGroup, isOwn, mayDelete, onChanged } = props
  const { client } = useServices()
  const [isEditing, setIsEditing] = useState(false)
  const remove = useSubmit(async () => {
    onChanged((await mutate(client, DeleteMessage, { messageId: message.id })).deleteMessage)
  })
  const editButton = useRef<HTMLButtonElement>(null)
  const closeEdit = () => {
    flushSync(() => setIsEditing(false))
    editButton.current?.focus()
  }
  const isDeleted = message.deletedAt !== null
  const tools = !isDeleted && !isEditing && (
    <div className="message-tools">
      {isOwn && (
        <button
          ref={editButton}
          type="button"
          className="icon-button"
          aria-label="Edit message"
          title="Edit"
          onClick={() => setIsEditing(true)}
        >
          <Icon name="edit" />
        </button>
      )}
      {mayDelete && (
        <button
          type="button"
          className="icon-button"
          aria-label="Delete message"
          title="Delete"
          disabled={remove.busy}
          onClick={() => void remove.submit()}
        >
          <Icon name="remove" />
        </button>
      )}
    </div>
  )
  return (
    <>
      {day && (
        <p className="day">
          <span>{day}</span>
        </p>
      )}
      <MessageFrame
        senderId={message.senderId}
        name={message.sender?.displayName ?? 'Unknown'}
        avatarUrl={message.sender?.avatarUrl}
        at={message.createdAt}
        startsGroup={startsGroup}
      >
        {isDeleted && <p className="tombstone">Message deleted</p>}
        {!isDeleted && isEditing && <EditForm message={message} onSaved={onChanged} onClose={closeEdit} />}
        {!isDeleted && !isEditing && (
          <p className="message-text">
            {message.text}
            {message.editedAt && (
              <small className="edited" title={fullTimeOf(message.editedAt)}>
                {' '}
                (edited)
              </small>
            )}
          </p>
        )}
        <FormError error={remove.error} />
        {tools}
      </MessageFrame>
    </>
  )
})
