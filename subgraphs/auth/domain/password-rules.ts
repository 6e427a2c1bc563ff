import { z } from 'zod'
import { commonPasswords } from './common-passwords.ts'

const shortest = 8
/** bcrypt does not see what comes after the 72nd byte. */
const mostBytes = 72

const isCommon = (password: string) => commonPasswords.has(password.toLowerCase())

/**
 * The one form of a password that is hashed, whatever keyboard it was typed on: OpaqueString (RFC 8265, 4.2). Spaces of every kind become
 * the ASCII space, then NFC. Case and width stay as they were typed.
 */
export const normalisePassword = (typed: string) => typed.replace(/\p{Zs}/gu, ' ').normalize('NFC')

/** A password that an account may get, in its normal form, which is what the rules are about. */
export const newPassword = z
  .string('must be text')
  .refine((password) => password.isWellFormed(), 'must be well-formed Unicode')
  .transform(normalisePassword)
  .refine((password) => [...password].length >= shortest, `must have at least ${shortest} characters`)
  .refine((password) => Buffer.byteLength(password) <= mostBytes, `must have at most ${mostBytes} bytes (UTF-8)`)
  .refine((password) => !isCommon(password), 'is one of the most common passwords')

/** Whether bcrypt tells this password from every other: it cuts long ones off and takes all lone surrogates for one. */
export const isHashable = (password: string) => password.isWellFormed() && Buffer.byteLength(password) <= mostBytes
