import { useState } from 'react'
import { type ApiError, toApiError } from '../api/api-error.ts'

/** An action with its progress and its last error. While it runs, further calls do nothing. */
export function useSubmit<Arguments extends unknown[]>(action: (...args: Arguments) => Promise<unknown>) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError>()

  const submit = async (...args: Arguments) => {
    if (busy) return
    setBusy(true)
    setError(undefined)
    try {
      await action(...args)
    } catch (failure) {
      setError(toApiError(failure))
    } finally {
      setBusy(false)
    }
  }
  return { submit, busy, error }
}
