import { createHash, createSecretKey, type KeyObject } from 'node:crypto'
import { hostname } from 'node:os'
import process from 'node:process'
import jwt from 'jsonwebtoken'
import { checkJwt, type JwtCheck, type JwtRefusal } from './jwt.ts'

/** The request header that carries the passport. */
export const passportHeader = 'x-parley-passport'

/** The response header in which a process says why it refused a passport. */
export const refusalHeader = 'x-parley-refusal'

/** How far the clocks of two processes may be apart, in seconds: up to this everything between them works. */
export const toleratedSkew = 30

const issuer = 'parley-gateway'
/** How long a request may be on its way, in seconds. */
const lifetime = 10
/** How old a passport may be by the clock of whoever checks it, in seconds. */
export const longestPassportAge = lifetime + toleratedSkew
const longestName = 100

/** Why a process refuses another one's request. `missing`: it carries no passport. `late`: it waited while the process that checks it did not run. */
export type PassportRefusal = 'missing' | 'malformed' | 'key' | 'audience' | 'clock' | 'late' | 'body'

export interface PassportCheck {
  refusal?: PassportRefusal
  /** Which process made the passport. It is known only when one of the keys signed it. */
  from?: string
  /** Which subgraph it is made out to; known in the same case. */
  to?: string
  /** By how much that process's clock was ahead of this one's, in seconds; less by the time that the passport was on its way. */
  ahead?: number
}

/** Signs what the gateway sends to a subgraph, and checks it there. */
export interface Passports {
  /** A passport for this subgraph and this body, to be sent within ten seconds. */
  issue(subgraph: string, body: string): string
  /** Holds a passport against the keys, the subgraph and the clock. The body is checked apart. */
  check(subgraph: string, passport: unknown): PassportCheck
  /** Whether `check` refuses nothing. */
  accepts(subgraph: string, passport: unknown): boolean
  /** Whether the passport, accepted before, was made for this body. */
  covers(passport: string, body: Buffer | string): boolean
}

/** Tells a process from its replicas. */
export const processName = (name: string) => `${name} at ${hostname()}, pid ${process.pid}`

/**
 * `keys`: secrets of at least 32 characters. The first signs; all are accepted, so that one can be rotated. `from` names the process to
 * whoever checks its passports.
 */
export function createPassports(keys: string[], from = processName('a process')): Passports {
  const secrets: KeyObject[] = keys.map((key) => {
    if (key.length < 32) throw new Error('A passport key needs at least 32 characters')
    return createSecretKey(Buffer.from(key))
  })
  const [signing] = secrets
  if (!signing) throw new Error('At least one passport key is needed')

  const check = (subgraph: string, passport: unknown): PassportCheck => {
    if (passport === undefined || passport === '') return { refusal: 'missing' }
    if (typeof passport !== 'string') return { refusal: 'malformed' }
    const rules = {
      algorithm: 'HS256',
      type: 'passport+jwt',
      issuer,
      audience: subgraph,
      early: toleratedSkew,
      late: toleratedSkew,
      longest: lifetime,
    } as const
    const checks = secrets.map((key) => checkJwt(passport, key, rules))
    const { refusal, claims } = checks.find((each) => each.claims) ?? (checks[0] as JwtCheck)
    return {
      ...(refusal && { refusal: refusals[refusal] }),
      ...(claims && { from: nameOf(claims.from), to: nameOf(claims.aud), ahead: claims.iat - Date.now() / 1000 }),
    }
  }
  return {
    issue: (subgraph, body) =>
      jwt.sign({ bod: hash(body), from, iat: Date.now() / 1000 }, signing, {
        algorithm: 'HS256',
        header: { alg: 'HS256', typ: 'passport+jwt' },
        issuer,
        audience: subgraph,
        expiresIn: lifetime,
      }),
    check,
    accepts: (subgraph, passport) => check(subgraph, passport).refusal === undefined,
    covers: (passport, body) => {
      const payload = jwt.decode(passport)
      return typeof payload === 'object' && payload?.bod === hash(body)
    },
  }
}

const refusals: Record<JwtRefusal, PassportRefusal> = {
  malformed: 'malformed',
  signature: 'key',
  issuer: 'malformed',
  audience: 'audience',
  early: 'clock',
  expired: 'clock',
}

const nameOf = (claim: unknown) => (typeof claim === 'string' && claim !== '' ? claim.slice(0, longestName) : 'unnamed')
const hash = (body: Buffer | string) => createHash('sha256').update(body).digest('base64url')
