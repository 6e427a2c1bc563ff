import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import jwt from 'jsonwebtoken'
import { createAccessTokenVerifier, signAccessToken } from './access-token.ts'

const rules = { issuer: 'https://auth.test', audience: 'parley' }
const now = 1_800_000_000
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

let asked: string[]
const keys = async (keyId: string) => {
  asked.push(keyId)
  return { good: publicKey, rsa: rsa.publicKey }[keyId]
}
const verify = createAccessTokenVerifier(rules, keys)

beforeEach(() => {
  asked = []
  jest.spyOn(Date, 'now').mockReturnValue(now * 1000)
})
afterEach(() => void jest.restoreAllMocks())

const goodHeader = { alg: 'ES256', typ: 'at+jwt', kid: 'good' }
const goodClaims = {
  iss: rules.issuer,
  aud: rules.audience,
  sub: 'user',
  sid: 'session',
  jti: 'token',
  iat: now,
  exp: now + 60,
}
const encode = (part: unknown) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

/** A token with a valid signature whatever it says; undefined removes a claim. */
function token(claims: object = {}, header: object = {}, key: KeyObject = privateKey): string {
  const fullHeader = { ...goodHeader, ...header }
  return jwt.sign(JSON.stringify({ ...goodClaims, ...claims }), key, {
    algorithm: fullHeader.alg as jwt.Algorithm,
    header: fullHeader,
  })
}

const isRefused = (bad: string) =>
  expect(verify(bad)).rejects.toMatchObject({ code: 'UNAUTHENTICATED', message: 'The access token is not valid.' })

describe('an access token', () => {
  it('tells whom it speaks for', async () => {
    const signed = signAccessToken({ keyId: 'good', privateKey }, rules, {
      userId: 'user',
      sessionId: 'session',
      tokenId: 'token',
      lifetime: 60,
    })
    expect(await verify(signed)).toEqual({ userId: 'user', sessionId: 'session', keyId: 'good', expiresAt: now + 60 })
    expect(jwt.decode(signed, { complete: true })).toMatchObject({ header: goodHeader, payload: goodClaims })
  })

  it('lives a day at most, whatever it says', async () => {
    const day = 86_400
    expect(await verify(token({ exp: now + 30 * day }))).toMatchObject({ expiresAt: now + day })
    await isRefused(token({ iat: now - day - 6, exp: now + 30 * day }))
  })

  it('is held against every rule again each time it comes, and its signature against a key that was read anew', async () => {
    const good = token()
    let current: KeyObject | undefined = publicKey
    const check = createAccessTokenVerifier(rules, async () => current)
    for (let time = 0; time < 3; time += 1) expect(await check(good)).toMatchObject({ userId: 'user' })
    const refused = { code: 'UNAUTHENTICATED' }
    const [head, claims] = good.split('.')
    const forged = `${head}.${claims}.${token({ sub: 'other' }).split('.')[2]}`
    await expect(check(forged)).rejects.toMatchObject(refused)
    current = other.publicKey
    await expect(check(good)).rejects.toMatchObject(refused)
    current = undefined
    await expect(check(good)).rejects.toMatchObject(refused)
    current = publicKey
    expect(await check(good)).toMatchObject({ userId: 'user' })
    jest.spyOn(Date, 'now').mockReturnValue((now + 70) * 1000)
    await expect(check(good)).rejects.toMatchObject(refused)
  })

  it('is accepted up to five seconds after its end', async () => {
    expect(await verify(token({ exp: now - 4 }))).toMatchObject({ userId: 'user' })
    await isRefused(token({ exp: now - 6 }))
  })

  it('is refused when it was issued in the future', async () => {
    expect(await verify(token({ iat: now + 29 }))).toMatchObject({ userId: 'user' })
    await isRefused(token({ iat: now + 31 }))
  })

  it.each([29, -29])('ends by the clock of its issuer, which is %d s ahead', async (ahead) => {
    const refusals: unknown[] = []
    const options = { issuerAhead: () => ahead, onChecked: (refusal?: string) => void refusals.push(refusal) }
    const verifyThere = createAccessTokenVerifier(rules, keys, options)
    // By the issuer's clock it is `now + ahead`.
    const issued = now + ahead
    expect(await verifyThere(token({ iat: issued, exp: issued - 4 }))).toMatchObject({ expiresAt: issued - 4 - ahead })
    await expect(verifyThere(token({ iat: issued, exp: issued - 6 }))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    })
    expect(refusals).toEqual([undefined, 'expired'])
  })

  it.each([
    ['no exp', { exp: undefined }],
    ['no iat', { iat: undefined }],
    ['no sub', { sub: undefined }],
    ['no sid', { sid: undefined }],
    ['no jti', { jti: undefined }],
    ['no iss', { iss: undefined }],
    ['no aud', { aud: undefined }],
    ['an object for sub', { sub: { $ne: null } }],
    ['a number for sub', { sub: 1 }],
    ['a list for sid', { sid: ['session'] }],
    ['text for exp', { exp: '9999999999' }],
    ['text for iat', { iat: `${now}` }],
    ['another issuer', { iss: 'https://evil.test' }],
    ['another audience', { aud: 'billing' }],
    ['a list of audiences', { aud: ['parley', 'billing'] }],
    ['a time before which it is not valid', { nbf: now + 60 }],
  ])('is refused with %s', async (_, claims) => {
    // jsonwebtoken's own `sign` refuses some of these, so they are signed as text.
    await isRefused(token(claims))
  })

  it.each([
    ['another type', { typ: 'JWT' }],
    ['no type', { typ: undefined }],
    ['an unknown critical extension', { crit: ['b64'] }],
    ['an unknown key', { kid: 'unknown' }],
    ['no key id', { kid: undefined }],
    ['an object for a key id', { kid: { $ne: null } }],
  ])('is refused with %s', async (_, header) => {
    await isRefused(token({}, header))
  })

  it.each(['../../etc/passwd', '/dev/null', 'https://evil.test/key', 'good\u0000', "' or 1=1 -- ", 'x'.repeat(65), ''])(
    'is refused with the key id %j, which nobody is asked about',
    async (kid) => {
      await isRefused(token({}, { kid }))
      expect(asked).toEqual([])
    },
  )

  it('is refused when another key signed it, also one that it brings along', async () => {
    await isRefused(token({}, {}, other.privateKey))
    await isRefused(token({}, { jwk: other.publicKey.export({ format: 'jwk' }) }, other.privateKey))
    await isRefused(token({}, { jku: 'https://evil.test/jwks.json' }, other.privateKey))
  })

  it('is refused without a signature', async () => {
    await isRefused(`${encode({ ...goodHeader, alg: 'none' })}.${encode(goodClaims)}.`)
    await isRefused(`${encode({ ...goodHeader, alg: 'None' })}.${encode(goodClaims)}.`)
    await isRefused(`${encode(goodHeader)}.${encode(goodClaims)}.`)
  })

  it('is refused when the public key was used as a secret', async () => {
    const secret = createSecretKey(Buffer.from(publicKey.export({ format: 'pem', type: 'spki' })))
    await isRefused(token({}, { alg: 'HS256' }, secret))
  })

  it('is refused when it is signed with another algorithm, by a key of its kind', async () => {
    await isRefused(token({}, { alg: 'RS256', kid: 'rsa' }, rsa.privateKey))
  })

  it('is refused when its claims were changed', async () => {
    const [header, , signature] = token().split('.')
    await isRefused(`${header}.${encode({ ...goodClaims, sub: 'admin' })}.${signature}`)
  })

  it.each([
    ['empty', ''],
    ['no token', 'a.b.c'],
    ['not JSON', `${encode('{')}.${encode('{')}.c`],
    ['with claims that are not JSON', `${encode({ ...goodHeader, typ: 'JWT' })}.${encode('{')}.c`],
    ['with claims that are text', jwt.sign('text', privateKey, { algorithm: 'ES256', header: goodHeader })],
    ['with claims that are null', jwt.sign('null', privateKey, { algorithm: 'ES256', header: goodHeader })],
  ])('is refused when it is %s', async (_, bad) => {
    await isRefused(bad)
  })

  it('needs rules', () => {
    expect(() => createAccessTokenVerifier({ issuer: '', audience: 'parley' }, keys)).toThrow()
    expect(() => createAccessTokenVerifier({ issuer: 'https://auth.test', audience: '' }, keys)).toThrow()
  })
})
