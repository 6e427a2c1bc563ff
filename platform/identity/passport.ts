import { createHash, createSecretKey, type KeyObject } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { verifyJwt } from './jwt.ts'

/** The request header that carries the passport. */
export const passportHeader = 'x-parley-passport'

const issuer = 'parley-gateway'
const lifetime = 30

/** Signs what the gateway sends to a subgraph, and checks it there. */
export interface Passports {
  /** A passport for this subgraph and this body, good for 30 seconds. */
  issue(subgraph: string, body: string): string
  /** Whether the passport was made for this subgraph with one of the keys and has not ended. The body is checked apart. */
  accepts(subgraph: string, passport: unknown): boolean
  /** Whether the passport, accepted before, was made for this body. */
  covers(passport: string, body: Buffer | string): boolean
}

/** `keys`: secrets of at least 32 characters. The first signs; all are accepted, so that one can be rotated. */
export function createPassports(keys: string[]): Passports {
  const secrets: KeyObject[] = keys.map((key) => {
    if (key.length < 32) throw new Error('A passport key needs at least 32 characters')
    return createSecretKey(Buffer.from(key))
  })
  const [signing] = secrets
  if (!signing) throw new Error('At least one passport key is needed')
  return {
    issue: (subgraph, body) =>
      jwt.sign({ bod: hash(body) }, signing, {
        algorithm: 'HS256',
        header: { alg: 'HS256', typ: 'passport+jwt' },
        issuer,
        audience: subgraph,
        expiresIn: lifetime,
      }),
    accepts: (subgraph, passport) =>
      typeof passport === 'string' &&
      secrets.some((key) =>
        verifyJwt(passport, key, {
          algorithm: 'HS256',
          type: 'passport+jwt',
          issuer,
          audience: subgraph,
          tolerance: 2,
        }),
      ),
    covers: (passport, body) => {
      const payload = jwt.decode(passport)
      return typeof payload === 'object' && payload?.bod === hash(body)
    },
  }
}

const hash = (body: Buffer | string) => createHash('sha256').update(body).digest('base64url')
