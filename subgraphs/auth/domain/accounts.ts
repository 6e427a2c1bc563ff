import { v7 as uuidv7 } from 'uuid'
import { badInput, conflict, unauthenticated } from '../../../platform/errors/app-error.ts'
import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import type { Account } from '../store/auth-store.ts'
import type { Auth, Client, SignedIn } from './auth.ts'
import { endSessions, issueTokens, newRefreshToken, newSession, openSession } from './sessions.ts'

export interface Registration {
  username: string
  password: string
  displayName: string
}

/**
 * Makes an account, signs it in, and tells the other subgraphs. Throws `CONFLICT` when the username is taken. The account and its first
 * session are stored in one step: whoever is told of a failure before it can register again.
 */
export async function register(auth: Auth, client: Client, registration: Registration): Promise<SignedIn> {
  await auth.limits.admitRegistration(client.ip)
  const { username, displayName, password } = registration
  const id = uuidv7()
  // A new account keeps nobody from another one's place: who asks for one name at once learns that it is taken.
  const passwordHash = await auth.passwords.hash(password, { account: id, ip: client.ip })
  const account: Account = {
    id,
    username,
    displayName,
    passwordHash,
    passwordVersion: 1,
    createdAt: auth.now(),
  }
  const session = newSession(auth, account.id, client)
  const { refreshToken, stored } = newRefreshToken(auth, session, account.passwordVersion)
  const isAdded = await auth.store.addAccount(account, { session, refreshToken: stored })
  if (!isAdded) throw conflict('The username is taken.', 'username')
  await auth.announce(account)
  return { ...auth.tokens.accessToken(account.id, session.id), refreshToken, session }
}

/**
 * Opens a session. The answer and the work are the same for an unknown user and for a wrong password. A hash that was made of a password as
 * it was typed is replaced by one of its normal form.
 */
export async function login(
  auth: Auth,
  client: Client,
  { username, password }: { username: string; password: string },
): Promise<SignedIn> {
  await auth.limits.admitLogin(client.ip)
  await auth.limits.admitPassword(username)
  const owner = { account: username, ip: client.ip }
  const account = await auth.store.accountByUsername(username)
  const match = await auth.passwords.matches(password, account?.passwordHash, owner)
  if (!account || match === 'none') {
    auth.limits.signInFailed(account ? 'wrong_password' : 'unknown_user')
    throw unauthenticated('The username or the password is wrong.')
  }
  await auth.limits.passwordWasRight(username)
  if (match === 'as typed')
    await auth.store.rehashPassword(account.id, account.passwordHash, await auth.passwords.hash(password, owner))
  return openSession(auth, account, client)
}

/**
 * Sets the viewer's password, ends the viewer's other sessions and every earlier refresh token of this one, and gives a new pair.
 * Throws `BAD_USER_INPUT` when the current password is wrong, `CONFLICT` when it is being changed elsewhere.
 */
export async function changePassword(
  auth: Auth,
  client: Client,
  viewer: Viewer,
  { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
): Promise<SignedIn> {
  const { userId, sessionId } = signedIn(viewer)
  const account = await auth.store.accountById(userId)
  if (!account) throw unauthenticated()
  await auth.limits.admitPasswordChange(userId)
  await auth.limits.admitPassword(account.username)
  const owner = { account: account.username, ip: client.ip }
  if ((await auth.passwords.matches(currentPassword, account.passwordHash, owner)) === 'none')
    throw badInput('currentPassword', 'is wrong')
  await auth.limits.passwordWasRight(account.username)

  const passwordHash = await auth.passwords.hash(newPassword, owner)
  // Before as well as after: a crash in between must not leave a session alive beside the new password.
  await endSessions(auth, { userId, except: sessionId })
  if (!(await auth.store.changePassword(userId, account.passwordVersion, passwordHash)))
    throw conflict('The password is being changed elsewhere: try again.', 'currentPassword')
  await endSessions(auth, { userId, except: sessionId })
  const session = await auth.store.session(sessionId)
  if (!session || session.revokedAt) throw unauthenticated('The session has ended: sign in again.')
  return issueTokens(auth, session, account.passwordVersion + 1)
}
