import { DateTime } from '../../../platform/graphql/date-time.ts'
import { signedIn } from '../../../platform/identity/viewer.ts'
import { changePassword, login, register } from '../domain/accounts.ts'
import type { SignedIn } from '../domain/auth.ts'
import { listSessions, logout, revokeSession } from '../domain/sessions.ts'
import type { Resolvers } from '../generated/resolvers.ts'
import { parseCredentials, parseId, parsePasswordChange, parseRegistration } from './inputs.ts'
import { toSession, toSignedIn } from './outputs.ts'
import { refreshByInputOrCookie } from './refresh.ts'
import type { RefreshCookie } from './refresh-cookie.ts'

/** Every sign-in leaves its refresh token in the cookie as well. */
function answer(refreshCookie: RefreshCookie, opened: SignedIn) {
  refreshCookie.set(opened.refreshToken)
  return toSignedIn(opened)
}

export const resolvers: Resolvers = {
  DateTime,
  Query: {
    sessions: async (_, __, { auth, viewer }) => {
      const sessions = await listSessions(auth, viewer)
      return sessions.map((session) => toSession(session, signedIn(viewer).sessionId))
    },
  },
  Mutation: {
    register: async (_, { input }, { auth, client, refreshCookie }) =>
      answer(refreshCookie, await register(auth, client, parseRegistration(input))),
    login: async (_, { input }, { auth, client, refreshCookie }) =>
      answer(refreshCookie, await login(auth, client, parseCredentials(input))),
    refresh: async (_, { input }, { auth, client, refreshCookie }) =>
      answer(refreshCookie, await refreshByInputOrCookie(auth, client, refreshCookie, input?.refreshToken)),
    changePassword: async (_, { input }, { auth, client, viewer, refreshCookie }) =>
      answer(refreshCookie, await changePassword(auth, client, viewer, parsePasswordChange(input))),
    logout: async (_, { everywhere }, { auth, viewer, refreshCookie }) => {
      await logout(auth, viewer, everywhere ?? false)
      refreshCookie.clear()
      return true
    },
    revokeSession: async (_, { id }, { auth, viewer, refreshCookie }) => {
      const sessionId = parseId(id)
      await revokeSession(auth, viewer, sessionId)
      if (sessionId === signedIn(viewer).sessionId) refreshCookie.clear()
      return true
    },
  },
}
