import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { mutate } from '../api/mutate.ts'
import type { Message } from '../room/room-state.ts'
import { isSendable } from '../sending/text-limit.ts'
import { useServices } from '../services.ts'
import { FormError } from '../ui/form-error.tsx'
import { useSubmit } from '../ui/use-submit.ts'
import { EditMessage } from './documents.ts'

interface EditFormProps {
  message: Message
  onSaved: (message: Message) => void
  onClose: () => void
}

export function EditForm({ message, onSaved, onClose }: EditFormProps) {
  const { client } = useServices()
  const [text, setText] = useState(message.text)
  const box = useRef<HTMLTextAreaElement>(null)
  const save = useSubmit(async () => {
    if (text !== message.text) {
      onSaved((await mutate(client, EditMessage, { input: { messageId: message.id, text } })).editMessage)
    }
    onClose()
  })

  useEffect(() => {
    box.current?.focus()
    box.current?.setSelectionRange(message.text.length, message.text.length)
  }, [message.text.length])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape') onClose()
    if (event.key !== 'Enter' || event.shiftKey) return
    event.preventDefault()
    if (isSendable(text)) void save.submit()
  }

  return (
    <form
      className="edit-form"
      onSubmit={(event) => {
        event.preventDefault()
        void save.submit()
      }}
    >
      <textarea
        ref={box}
        aria-label="Edited text"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <FormError error={save.error} />
      <div className="row">
        <button type="submit" className="primary" disabled={save.busy || !isSendable(text)}>
          {save.busy ? 'Saving…' : 'Save'}
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <span className="quiet">Enter saves, Escape cancels</span>
      </div>
    </form>
  )
}
