import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ask, type Person, signUp } from '../clients.ts'
import { forgeToken, readToken } from './forged-token.ts'
import { expectCode } from './refusals.ts'
import { type StandInIssuer, standInForAuth } from './stand-in-issuer.ts'
import { expectTokenRefused, question } from './token-refusals.ts'
import { startWatchedSystem, type WatchedSystem } from './watched-system.ts'

describe('an access token that the issuer has signed', () => {
  let system: WatchedSystem
  let ann: Person
  let issuer: StandInIssuer
  const now = () => Date.now() / 1_000
  const make = (claims: object, header: object = {}) =>
    forgeToken(
      { alg: 'ES256', typ: 'at+jwt', kid: issuer.keyId, ...header },
      { ...readToken(ann.accessToken).claims, iat: Math.floor(now()), exp: Math.floor(now()) + 60, ...claims },
      issuer.signer,
    )
  const expectAccepted = async (token: string) => {
    const { data, errors } = await ask(system.url, question, {}, { authorization: `Bearer ${token}` })
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({ me: { id: ann.userId } })
  }

  beforeAll(async () => {
    system = await startWatchedSystem()
    ann = await signUp(system.url, 'Ann')
    issuer = await standInForAuth(system)
  })
  afterAll(async () => {
    await issuer.stop()
    await system.stop()
  })

  it('is accepted under a key that is new, however many key ids others make up', async () => {
    const makeUpIds = () =>
      Promise.all(
        Array.from({ length: 20 }, () =>
          ask(system.url, question, {}, { authorization: `Bearer ${make({}, { kid: randomUUID() })}` }),
        ),
      )
    let reply = await ann.try(question)
    do {
      for (const refused of await makeUpIds()) expectCode(refused, 'UNAUTHENTICATED')
      reply = await ask(system.url, question, {}, { authorization: `Bearer ${make({})}` })
    } while (reply.errors)
    expect(reply.data).toMatchObject({ me: { id: ann.userId } })
  })

  it('is refused with a claim that is missing, of another type, or meant for somebody else', async () => {
    const faults: object[] = [
      ...['exp', 'iat', 'sub', 'sid', 'jti', 'iss', 'aud'].map((name) => ({ [name]: undefined })),
      ...['exp', 'iat', 'sub', 'sid', 'jti', 'iss', 'aud'].map((name) => ({ [name]: null })),
      ...[{ $ne: null }, [ann.userId], 1, true, ''].map((sub) => ({ sub })),
      ...[{ a: 1 }, ['x'], 1].map((sid) => ({ sid })),
      ...['parley-auth.evil.example', '', ['parley-auth'], {}].map((iss) => ({ iss })),
      ...['other', '', ['other'], {}, ['parley', 'other']].map((aud) => ({ aud })),
      ...['9999999999', Number.MAX_VALUE * 10, {}, [], true].map((exp) => ({ exp })),
      { nbf: now() + 60 },
      { iat: now() + 60, exp: now() + 120 },
    ]
    for (const claims of faults) await expectTokenRefused(system, JSON.stringify(claims), make(claims))
  })

  it('is refused with another type, or with a header that it says must be understood', async () => {
    const headers: object[] = [
      ...['JWT', 'passport+jwt', '', 'at+jwt ', undefined, null, ['at+jwt']].map((typ) => ({ typ })),
      { crit: ['b64'], b64: false },
      { crit: ['x'], x: 1 },
      { crit: [] },
      { crit: 'x' },
      { alg: 'ES384' },
      { alg: 'RS256' },
    ]
    for (const header of headers) await expectTokenRefused(system, JSON.stringify(header), make({}, header))
  })

  it('is accepted up to 5 s after its end, and refused after that', async () => {
    await expectAccepted(make({ iat: Math.floor(now()) - 60, exp: Math.ceil(now()) - 4 }))
    await expectTokenRefused(system, '6 s late', make({ iat: Math.floor(now()) - 60, exp: Math.floor(now()) - 6 }))
  })

  it('made nobody fetch anything but the keys', () => {
    expect(issuer.otherPaths).toEqual([])
  })
})
