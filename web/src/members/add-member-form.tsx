import { useRef } from 'react'
import { ApiError } from '../api/api-error.ts'
import { mutate } from '../api/mutate.ts'
import { read } from '../api/read.ts'
import { useServices } from '../services.ts'
import { Field } from '../ui/field.tsx'
import { FormError } from '../ui/form-error.tsx'
import { textIn } from '../ui/text-in.ts'
import { useSubmit } from '../ui/use-submit.ts'
import { AddMember, UserByUsername } from './documents.ts'

export function AddMemberForm({ roomId, onAdded }: { roomId: string; onAdded: () => Promise<unknown> }) {
  const { client } = useServices()
  const form = useRef<HTMLFormElement>(null)
  const { submit, busy, error } = useSubmit(async (username: string) => {
    const { userByUsername } = await read(client, UserByUsername, { username })
    if (!userByUsername) {
      const message = `There is no user “${username}”.`
      throw new ApiError(message, 'NOT_FOUND', { fields: { username: message } })
    }
    await mutate(client, AddMember, { input: { roomId, userId: userByUsername.id } })
    form.current?.reset()
    await onAdded()
  })
  return (
    <form
      ref={form}
      className="add-member"
      onSubmit={(event) => {
        event.preventDefault()
        void submit(textIn(new FormData(event.currentTarget), 'username').trim().replace(/^@/, ''))
      }}
    >
      <Field label="Add by username" name="username" error={error} autoComplete="off" autoCapitalize="none" required />
      <button type="submit" disabled={busy}>
        {busy ? 'Adding…' : 'Add'}
      </button>
      <FormError error={error} fields={['username']} />
    </form>
  )
}
