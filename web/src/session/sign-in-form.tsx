import { useServices } from '../services.ts'
import { Field } from '../ui/field.tsx'
import { FormError } from '../ui/form-error.tsx'
import { textIn } from '../ui/text-in.ts'
import { useSubmit } from '../ui/use-submit.ts'

export function SignInForm() {
  const { session } = useServices()
  const { submit, busy, error } = useSubmit((form: FormData) =>
    session.signIn({ username: textIn(form, 'username').trim(), password: textIn(form, 'password') }),
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
        autoComplete="username"
        autoCapitalize="none"
        required
        autoFocus
      />
      <Field label="Password" name="password" error={error} type="password" autoComplete="current-password" required />
      <FormError error={error} fields={['username', 'password']} />
      <button type="submit" className="primary" disabled={busy}>
        {busy ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  )
}
