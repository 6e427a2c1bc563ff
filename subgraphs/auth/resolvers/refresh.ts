import { AppError, unauthenticated } from '../../../platform/errors/app-error.ts'
import type { Auth, Client, SignedIn } from '../domain/auth.ts'
import { refresh } from '../domain/refresh.ts'
import type { RefreshCookie } from './refresh-cookie.ts'

/** Refreshes by the given token, or else by the cookie, which goes when it is no good. */
export async function refreshByInputOrCookie(
  auth: Auth,
  client: Client,
  refreshCookie: RefreshCookie,
  given: string | undefined,
): Promise<SignedIn> {
  if (given !== undefined) return refresh(auth, client, given)
  if (refreshCookie.value === undefined) throw unauthenticated('There is no refresh token: sign in.')
  try {
    return await refresh(auth, client, refreshCookie.value)
  } catch (error) {
    if (error instanceof AppError && error.code === 'UNAUTHENTICATED') refreshCookie.clear()
    throw error
  }
}
