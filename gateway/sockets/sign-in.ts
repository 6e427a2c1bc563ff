import { AppError } from '../../platform/errors/app-error.ts'
import type { Identify } from '../../platform/identity/identify.ts'
import { signedIn } from '../../platform/identity/viewer.ts'
import { within } from '../../platform/lifecycle/within.ts'
import type { Logger } from '../../platform/logging/logger.ts'
import { closeCodes } from '../../schema/close-codes.ts'
import type { SocketLimits } from '../config.ts'
import type { CountLimit } from '../limits/limit-count.ts'
import { limitRefusal } from '../limits/refusals.ts'
import type { OpenedSocket } from './opened-socket.ts'
import type { SessionWatch } from './session-watch.ts'

/** What a client may send along with `connection_init` and `ping`. */
export type Params = Record<string, unknown>

export interface SignInOptions {
  identify: Identify
  sessions: SessionWatch
  limits: SocketLimits
  countLimit: CountLimit
  logger: Logger
}

/** How long the check of a token may take, in milliseconds, before the socket is closed instead of left hanging. */
const identifyDeadline = 2_000

/** Ties a socket to the session of the token that it brings, or closes it with the code that says what to do. */
export function createSignIn({ identify, sessions, limits, countLimit, logger }: SignInOptions) {
  return async (extra: OpenedSocket, params: Params | undefined): Promise<void> => {
    const authorization = authorizationIn(params)
    try {
      const user = signedIn(
        await within(identifyDeadline, identify(authorization), 'The token could not be checked in time'),
      )
      if (!extra.tellClosed) return
      if (extra.user && extra.user.sessionId !== user.sessionId) {
        extra.socket.close(closeCodes.tokenNeeded, 'The token belongs to another session')
        return
      }
      if (!extra.user && sessions.countOf(user.userId) >= limits.socketsPerUser) {
        countLimit('sockets_per_user')
        const { socketsPerUser: allowed } = limits
        extra.socket.close(closeCodes.tooMany, limitRefusal('sockets_per_user', allowed + 1, allowed).message)
        return
      }
      extra.user = user
      extra.caller.authorization = authorization
      sessions.watch(extra.socket, user)
    } catch (error) {
      if (error instanceof AppError && error.code === 'UNAUTHENTICATED') {
        extra.socket.close(closeCodes.tokenNeeded, error.message)
      } else {
        logger.warn({ err: error }, 'a socket could not be identified')
        extra.socket.close(closeCodes.tryAgainLater, 'Signing in is not possible right now')
      }
    }
  }
}

/** The `authorization` of a payload, in any case. */
export function authorizationIn(params: Params | undefined): string | undefined {
  const [, value] = Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === 'authorization') ?? []
  return typeof value === 'string' ? value : undefined
}
