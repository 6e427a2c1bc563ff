import { useState } from 'react'
import { RegisterForm } from './register-form.tsx'
import { SignInForm } from './sign-in-form.tsx'

export function SignInPage({ note }: { note: string | undefined }) {
  const [isNew, setIsNew] = useState(false)
  return (
    <main className="sign-in">
      <title>{isNew ? 'Create an account – Parley' : 'Sign in – Parley'}</title>
      <div className="sign-in-card">
        <p className="brand">Parley</p>
        <h1>{isNew ? 'Create an account' : 'Sign in'}</h1>
        {note && !isNew && (
          <p className="note" role="status">
            {note}
          </p>
        )}
        {isNew ? <RegisterForm /> : <SignInForm />}
        <p className="sign-in-switch">
          {isNew ? 'Already registered?' : 'New here?'}{' '}
          <button type="button" className="link" onClick={() => setIsNew(!isNew)}>
            {isNew ? 'Sign in instead' : 'Create an account'}
          </button>
        </p>
      </div>
    </main>
  )
}
