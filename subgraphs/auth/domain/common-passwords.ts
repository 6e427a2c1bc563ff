import { dictionary } from '@zxcvbn-ts/language-common'

/** Passwords that attackers try first, in lower case, the most common ones first: far more than the 3,000 that have to be refused. */
export const commonPasswords: ReadonlySet<string> = new Set(dictionary['passwords-common'])
