import { unauthenticated } from '../errors/app-error.ts'

/** Whoever is signed in: from a verified access token whose session has not been revoked. */
export interface SignedInUser {
  userId: string
  sessionId: string
  /** The key that signed the access token. */
  keyId: string
  /** When the access token ends, in seconds since 1970 by this process's clock. */
  expiresAt: number
}

/**
 * Who asks. Domain functions take it as a required argument and decide. `everyone` is whoever is entitled to follow a stream, of which
 * the gateway opens one for all of them: what depends on the viewer is refused, because it would be the same for all.
 */
export type Viewer = SignedInUser | 'anonymous' | 'everyone'

/** Carries `everyone` over HTTP; in the `extensions` of a subscription it is `viewer`. The gateway's word, believed for its passport. */
export const viewerHeader = 'x-parley-viewer'

/** The signed-in user. Throws `UNAUTHENTICATED` for the anonymous viewer, and for everyone. */
export function signedIn(viewer: Viewer): SignedInUser {
  if (viewer === 'anonymous' || viewer === 'everyone') throw unauthenticated()
  return viewer
}
