import type { SignedIn } from '../domain/auth.ts'
import type { Session as SessionReply, SignedIn as SignedInReply } from '../generated/resolvers.ts'
import type { Session } from '../store/auth-store.ts'

export const toSession = ({ id, createdAt, lastSeenAt, userAgent, ip }: Session, currentId: string): SessionReply => ({
  id,
  createdAt,
  lastSeenAt,
  userAgent,
  ip,
  current: id === currentId,
})

export const toSignedIn = ({ session, ...tokens }: SignedIn): SignedInReply => ({
  ...tokens,
  session: toSession(session, session.id),
  userId: session.userId,
  user: { id: session.userId },
})
