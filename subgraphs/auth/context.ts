import type { Viewer } from '../../platform/identity/viewer.ts'
import type { Auth, Client } from './domain/auth.ts'
import type { RefreshCookie } from './resolvers/refresh-cookie.ts'

/** What the resolvers of one operation work with. */
export interface Context {
  viewer: Viewer
  client: Client
  auth: Auth
  refreshCookie: RefreshCookie
}
