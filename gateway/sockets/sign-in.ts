import { AppError, type ErrorCode } from '../../platform/errors/app-error.ts'
import type { Identify } from '../../platform/identity/identify.ts'
import { signedIn } from '../../platform/identity/viewer.ts'
import { within } from '../../platform/lifecycle/within.ts'
import type { Logger } from '../../platform/logging/logger.ts'
import { closeCodes } from '../../schema/close-codes.ts'
import type { SocketLimits } from '../config.ts'
import type { CountLimit } from '../limits/limit-count.ts'
import type { OperationRate } from '../limits/operation-rate.ts'
import { limitRefusal } from '../limits/refusals.ts'
import type { OpenedSocket } from './opened-socket.ts'
import type { SessionWatch } from './session-watch.ts'

/** What a client may send along with `connection_init` and `ping`. */
export type Params = Record<string, unknown>

export interface SignInOptions {
  identify: Identify
  sessions: SessionWatch
  rate: Pick<OperationRate, 'refuseSpent'>
  limits: SocketLimits
  countLimit: CountLimit
  logger: Logger
}

/** The close codes of errors that are the client's. */
const refusals: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: closeCodes.tokenNeeded,
  TOO_MANY_REQUESTS: closeCodes.tooMany,
}

/** How long the check of a token may take, in milliseconds, before the socket is closed instead of left hanging. */
const identifyDeadline = 2_000

/** Ties a socket to the session of the token that it brings, or closes it with the code that says what to do. */
export function createSignIn({ identify, sessions, rate, limits, countLimit, logger }: SignInOptions) {
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
      // All that it could ask would be refused: its client comes back when there is something left.
      if (!extra.user) rate.refuseSpent({ userId: user.userId, clientIp: extra.socket.clientIp })
      extra.user = user
      extra.caller.authorization = authorization
      sessions.watch(extra.socket, user)
    } catch (error) {
      const code = error instanceof AppError && refusals[error.code]
      if (code) return extra.socket.close(code, error.message)
      logger.warn({ err: error }, 'a socket could not be identified')
      extra.socket.close(closeCodes.tryAgainLater, 'Signing in is not possible right now')
    }
  }
}

/** The `authorization` of a payload, in any case. */
export function authorizationIn(params: Params | undefined): string | undefined {
  const [, value] = Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === 'authorization') ?? []
  return typeof value === 'string' ? value : undefined
}
