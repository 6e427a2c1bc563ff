import { mutate } from '../api/mutate.ts'
import { useServices } from '../services.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { FormError } from '../ui/form-error.tsx'
import { textIn } from '../ui/text-in.ts'
import { useSubmit } from '../ui/use-submit.ts'
import { CreateRoom } from './documents.ts'

export function NewRoomDialog({ onClose, onCreated }: { onClose: () => void; onCreated: (roomId: string) => void }) {
  const { client } = useServices()
  const { submit, busy, error } = useSubmit(async (form: FormData) => {
    const { createRoom } = await mutate(client, CreateRoom, {
      input: {
        name: textIn(form, 'name').trim(),
        topic: textIn(form, 'topic').trim() || null,
        kind: form.has('private') ? 'PRIVATE' : 'PUBLIC',
      },
    })
    onCreated(createRoom.id)
  })
  return (
    <Dialog title="New room" onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void submit(new FormData(event.currentTarget))
        }}
      >
        <Field label="Name" name="name" error={error} maxLength={80} required autoComplete="off" />
        <Field
          label="Topic"
          name="topic"
          error={error}
          hint="What the room is about, if you like"
          maxLength={250}
          autoComplete="off"
        />
        <label className="check">
          <input type="checkbox" name="private" aria-describedby="private-note" /> Private
        </label>
        <p id="private-note" className="field-hint">
          Only people whom you add can find and join a private room.
        </p>
        <FormError error={error} fields={['name', 'topic']} />
        <button type="submit" className="primary" disabled={busy}>
          {busy ? 'Creating…' : 'Create room'}
        </button>
      </form>
    </Dialog>
  )
}
