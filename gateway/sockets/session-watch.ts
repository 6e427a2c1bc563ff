import { expiryTolerance, type PublicKeys } from '../../platform/identity/access-token.ts'
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

/** Closes sockets whose session ended, whose token ran out, or whose token was signed with a key that auth has withdrawn. */
export interface SessionWatch extends Closable {
  /** Watches the socket for this user; again when it brings a new token of the same session. */
  watch(socket: SessionSocket, user: SignedInUser): void
  forget(socket: SessionSocket): void
  /** How many sockets the user has here. */
  countOf(userId: string): number
}

export interface SessionWatchOptions {
  revoked: RevocationCheck
  keys: PublicKeys
  /** Calls the listener with sessions that have just ended; gives what ends it. */
  onRevoked(listener: (sessionIds: string[]) => void): Promise<() => Promise<void>>
  logger: Logger
  /** Announcements can get lost: all sessions are checked this often, in milliseconds. Tokens that ran out are looked for as often. */
  checkEvery: number
}

const checkDeadline = 5_000
/** How many sessions are asked for at once: the event loop has other work, too. */
const askedAtOnce = 1_000

export async function openSessionWatch(options: SessionWatchOptions): Promise<SessionWatch> {
  const { revoked, keys, onRevoked, logger, checkEvery } = options
  const users = new Map<SessionSocket, SignedInUser>()
  const sessions = new Map<string, Set<SessionSocket>>()
  const socketCounts = new Map<string, number>()
  let isChecking = false
  let isFailing = false
  let isClosed = false

  const forget = (socket: SessionSocket) => {
    const user = users.get(socket)
    if (!user) return
    users.delete(socket)
    const sockets = sessions.get(user.sessionId)
    sockets?.delete(socket)
    if (sockets?.size === 0) sessions.delete(user.sessionId)
    count(user.userId, -1)
  }
  const count = (userId: string, change: 1 | -1) => {
    const sockets = (socketCounts.get(userId) ?? 0) + change
    if (sockets > 0) socketCounts.set(userId, sockets)
    else socketCounts.delete(userId)
  }
  const end = (socket: SessionSocket, code: number, reason: string) => {
    forget(socket)
    socket.close(code, reason)
  }
  const closeSessions = (sessionIds: Iterable<string>) => {
    for (const id of sessionIds) {
      for (const socket of sessions.get(id) ?? []) end(socket, closeCodes.signedOut, 'The session has ended')
    }
  }
  const closeExpired = () => {
    const now = Date.now() / 1000 - expiryTolerance
    for (const [socket, { expiresAt }] of users) {
      if (expiresAt <= now) end(socket, closeCodes.tokenNeeded, 'The access token has expired')
    }
  }
  const closeWithdrawn = async () => {
    const withdrawn = new Set<string>()
    for (const keyId of new Set([...users.values()].map((user) => user.keyId))) {
      if (!(await within(checkDeadline, keys(keyId), 'The keys did not come in time'))) withdrawn.add(keyId)
    }
    if (withdrawn.size === 0) return
    for (const [socket, { keyId }] of users) {
      if (withdrawn.has(keyId)) end(socket, closeCodes.tokenNeeded, 'The key of the access token was withdrawn')
    }
  }
  const checkAll = async () => {
    const ids = [...sessions.keys()]
    for (let start = 0; start < ids.length && !isClosed; start += askedAtOnce) {
      const asked = ids.slice(start, start + askedAtOnce)
      closeSessions(await within(checkDeadline, revoked(asked), 'The check did not end in time'))
    }
    await closeWithdrawn()
  }
  const check = async () => {
    if (isChecking) return
    isChecking = true
    try {
      await checkAll()
      isFailing = false
    } catch (error) {
      // Once for as long as it fails.
      if (!isFailing) logger.warn({ err: error }, 'the open sessions could not be checked; that is tried again')
      isFailing = true
    } finally {
      isChecking = false
    }
  }
  const stopListening = await onRevoked(closeSessions)
  const timer = setInterval(() => {
    closeExpired()
    void check()
  }, checkEvery)

  return {
    watch(socket, user) {
      forget(socket)
      users.set(socket, user)
      const sockets = sessions.get(user.sessionId)
      if (sockets) sockets.add(socket)
      else sessions.set(user.sessionId, new Set([socket]))
      count(user.userId, 1)
    },
    forget,
    countOf: (userId) => socketCounts.get(userId) ?? 0,
    async close() {
      isClosed = true
      clearInterval(timer)
      await stopListening()
      users.clear()
      sessions.clear()
      socketCounts.clear()
    },
  }
}
