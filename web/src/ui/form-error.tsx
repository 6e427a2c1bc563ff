import type { ApiError } from '../api/api-error.ts'

/** The error of a form, unless one of its `fields` shows it already. */
export function FormError({ error, fields = [] }: { error: ApiError | undefined; fields?: readonly string[] }) {
  if (!error || fields.some((field) => error.fields[field])) return null
  return (
    <p className="form-error" role="alert">
      {error.message}
    </p>
  )
}
