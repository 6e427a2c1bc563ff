import { expiryTolerance } from '../../platform/identity/access-token.ts'
import type { RevocationCheck } from '../../platform/identity/revocation-check.ts'
import type { SignedInUser } from '../../platform/identity/viewer.ts'
import type { Closable } from '../../platform/lifecycle/resources.ts'
import { within } from '../../platform/lifecycle/within.ts'
import type { Logger } from '../../platform/logging/logger.ts'
import { closeCodes } from '../../schema/close-codes.ts'

/** A socket that belongs to a session. */
export interface SessionSocket {
  close(code: number, reason: string): void
}

/** Closes sockets whose session ended or whose token ran out. */
export interface SessionWatch extends Closable {
  /** Watches the socket for this user; again when it brings a new token of the same session. */
  watch(socket: SessionSocket, user: SignedInUser): void
  forget(socket: SessionSocket): void
  /** How many sockets the user has here. */
  countOf(userId: string): number
}

export interface SessionWatchOptions {
  revoked: RevocationCheck
  /** Calls the listener with sessions that have just ended; gives what ends it. */
  onRevoked(listener: (sessionIds: string[]) => void): Promise<() => Promise<void>>
  logger: Logger
  /** Announcements can get lost: all sessions are checked this often, in milliseconds. */
  checkEvery?: number
}

const checkDeadline = 5_000

export async function openSessionWatch({
  revoked,
  onRevoked,
  logger,
  checkEvery = 3_000,
}: SessionWatchOptions): Promise<SessionWatch> {
  const watched = new Map<SessionSocket, { user: SignedInUser; expiry: NodeJS.Timeout }>()
  const perUser = new Map<string, number>()

  const closeSessions = (sessionIds: Iterable<string>) => {
    const ended = new Set(sessionIds)
    for (const [socket, { user }] of watched) {
      if (ended.has(user.sessionId)) socket.close(closeCodes.signedOut, 'The session has ended')
    }
  }
  const checkAll = async () => {
    const ids = new Set([...watched.values()].map(({ user }) => user.sessionId))
    if (ids.size === 0) return
    closeSessions(await within(checkDeadline, revoked([...ids]), 'The check did not end in time'))
  }
  const stopListening = await onRevoked(closeSessions)
  let closed = false
  let timer: NodeJS.Timeout
  const schedule = () => {
    if (closed) return
    timer = setTimeout(() => {
      void checkAll()
        .catch((error) => logger.warn({ err: error }, 'the open sessions could not be checked'))
        .finally(schedule)
    }, checkEvery)
  }
  schedule()

  const forget = (socket: SessionSocket) => {
    const known = watched.get(socket)
    if (!known) return
    clearTimeout(known.expiry)
    watched.delete(socket)
    count(known.user.userId, -1)
  }
  const count = (userId: string, change: 1 | -1) => {
    const sockets = (perUser.get(userId) ?? 0) + change
    if (sockets > 0) perUser.set(userId, sockets)
    else perUser.delete(userId)
  }
  return {
    watch(socket, user) {
      forget(socket)
      const milliseconds = (user.expiresAt + expiryTolerance) * 1000 - Date.now()
      const expiry = setTimeout(
        () => socket.close(closeCodes.tokenNeeded, 'The access token has expired'),
        milliseconds,
      )
      watched.set(socket, { user, expiry })
      count(user.userId, 1)
    },
    forget,
    countOf: (userId) => perUser.get(userId) ?? 0,
    async close() {
      closed = true
      clearTimeout(timer)
      await stopListening()
      for (const socket of [...watched.keys()]) forget(socket)
    },
  }
}
