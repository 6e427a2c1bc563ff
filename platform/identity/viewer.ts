import { unauthenticated } from '../errors/app-error.ts'

/** Whoever is signed in: from a verified access token whose session has not been revoked. */
export interface SignedInUser {
  userId: string
  sessionId: string
  /** When the access token ends, in seconds since 1970. */
  expiresAt: number
}

/** Who asks. Domain functions take it as a required argument and decide. */
export type Viewer = SignedInUser | 'anonymous'

/** The signed-in user. Throws `UNAUTHENTICATED` for the anonymous viewer. */
export function signedIn(viewer: Viewer): SignedInUser {
  if (viewer === 'anonymous') throw unauthenticated()
  return viewer
}
