import { print } from 'graphql'
import { createParleyClient, type ParleyClient } from '../../../client/parley-client.ts'
import { toApiError } from '../api/api-error.ts'
import type { Session } from '../session/session.ts'

/** The one WebSocket of this page, opened when something is followed. */
export function createLiveClient(session: Session): ParleyClient {
  const token = async (insteadOf?: string) => {
    try {
      // Another token than the session's has been replaced already.
      return await (insteadOf === session.accessToken() ? session.refresh() : session.freshToken())
    } catch (failure) {
      if (toApiError(failure).code === 'UNAUTHENTICATED') return null
      throw failure
    }
  }
  const client = createParleyClient({
    url: `${location.origin.replace(/^http/, 'ws')}/graphql`,
    token,
    print,
    onSignedOut: () => session.end('You have been signed out. Sign in again to go on.'),
  })
  window.addEventListener('online', client.retryNow)
  return client
}
