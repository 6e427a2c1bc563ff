import { badInput } from '../../../platform/errors/app-error.ts'

const prefix = 'username:'

/** An opaque position in a list of users. */
export const toCursor = ({ username }: { username: string }) => Buffer.from(prefix + username).toString('base64url')

/** The username of a cursor that `toCursor` made. Throws BAD_USER_INPUT for anything else. */
export function parseCursor(cursor: string): string {
  const username = Buffer.from(cursor, 'base64url').toString().slice(prefix.length)
  if (username === '' || [...username].length > 50 || toCursor({ username }) !== cursor) {
    throw badInput('after', 'is not a cursor of this list')
  }
  return username
}
