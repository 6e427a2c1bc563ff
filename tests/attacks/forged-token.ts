import { createHmac, type KeyObject, sign } from 'node:crypto'

/** Makes the signature of what precedes it: `header.claims`. */
export type Signer = (signed: string) => string

export const unsigned: Signer = () => ''
export const hmac =
  (secret: string | Buffer, hash = 'sha256'): Signer =>
  (signed) =>
    createHmac(hash, secret).update(signed).digest('base64url')
export const ecdsa =
  (key: KeyObject): Signer =>
  (signed) =>
    sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')

const encode = (part: unknown) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

/** A JWT with any header and claims at all: no library would sign most of these. Text is taken as it is, JSON or not. */
export function forgeToken(header: object | string, claims: object | string, signer: Signer): string {
  const signed = `${encode(header)}.${encode(claims)}`
  return `${signed}.${signer(signed)}`
}

/** The header and the claims of a token. */
export function readToken(token: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header = '', claims = ''] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
  return { header: JSON.parse(header), claims: JSON.parse(claims) }
}
