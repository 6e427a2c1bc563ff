import { useServices } from '../services.ts'
import { Field } from '../ui/field.tsx'
import { FormError } from '../ui/form-error.tsx'
import { textIn } from '../ui/text-in.ts'
import { useSubmit } from '../ui/use-submit.ts'

export function RegisterForm() {
  const { session } = useServices()
  const { submit, busy, error } = useSubmit((form: FormData) =>
    session.register({
      username: textIn(form, 'username').trim(),
      displayName: textIn(form, 'displayName').trim(),
      password: textIn(form, 'password'),
    }),
  )
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        void submit(new FormData(event.currentTarget))
      }}
    >
      <Field
        label="Username"
        name="username"
        error={error}
        hint="3 to 50 letters, digits, or _ . -"
        autoComplete="username"
        autoCapitalize="none"
        required
        autoFocus
      />
      <Field
        label="Display name"
        name="displayName"
        error={error}
        hint="The name that others see"
        autoComplete="name"
        required
      />
      <Field
        label="Password"
        name="password"
        error={error}
        hint="At least 8 characters"
        type="password"
        autoComplete="new-password"
        required
      />
      <FormError error={error} fields={['username', 'displayName', 'password']} />
      <button type="submit" className="primary" disabled={busy}>
        {busy ? 'Creating…' : 'Create account'}
      </button>
    </form>
  )
}
