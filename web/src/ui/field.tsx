import { type InputHTMLAttributes, useId } from 'react'
import type { ApiError } from '../api/api-error.ts'

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string
  name: string
  hint?: string
  error?: ApiError
}

/** A labelled input that shows its hint, or what the server said about the field of its name. */
export function Field({ label, name, hint, error, ...input }: FieldProps) {
  const id = useId()
  const message = error?.fields[name]
  const described = message ?? hint
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        {...input}
        id={id}
        name={name}
        aria-invalid={message ? true : undefined}
        aria-describedby={described ? `${id}-note` : undefined}
      />
      {described && (
        <p id={`${id}-note`} className={message ? 'field-error' : 'field-hint'} role={message ? 'alert' : undefined}>
          {described}
        </p>
      )}
    </div>
  )
}
