import { createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createPassports } from '../../platform/identity/passport.ts'
import { ask, type Person, signUp } from '../clients.ts'
import { ecdsa, forgeToken, hmac, readToken, unsigned } from './forged-token.ts'
import { expectCode } from './refusals.ts'
import { expectTokenRefused, question } from './token-refusals.ts'
import { startWatchedSystem, type WatchedSystem } from './watched-system.ts'

describe('an access token', () => {
  let system: WatchedSystem
  let ann: Person
  let jwk: JsonWebKey & { kid: string }
  let publicKey: KeyObject

  beforeAll(async () => {
    system = await startWatchedSystem()
    ann = await signUp(system.url, 'Ann')
    const response = await fetch(`${system.subgraphs.auth.url}/.well-known/jwks.json`)
    jwk = ((await response.json()) as { keys: [JsonWebKey & { kid: string }] }).keys[0]
    publicKey = createPublicKey({ key: jwk, format: 'jwk' })
  })
  afterAll(() => system.stop())

  const genuine = () => readToken(ann.accessToken)
  it('that is not signed, or whose signature was made with the public key, is refused', async () => {
    const { header, claims } = genuine()
    const [head = '', body = '', signature = ''] = ann.accessToken.split('.')
    const pem = publicKey.export({ type: 'spki', format: 'pem' })
    const secrets = [
      pem,
      String(pem).trim(),
      publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(jwk),
      '',
    ]
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', 'ES256']) {
      await expectTokenRefused(system, `alg ${alg}, unsigned`, forgeToken({ ...header, alg }, claims, unsigned))
      await expectTokenRefused(
        system,
        `alg ${alg}, old signature`,
        forgeToken({ ...header, alg }, { ...claims, sub: 'x' }, () => signature),
      )
    }
    for (const [index, secret] of secrets.entries()) {
      await expectTokenRefused(
        system,
        `HS256 with ${index}`,
        forgeToken({ ...header, alg: 'HS256' }, claims, hmac(secret)),
      )
      await expectTokenRefused(
        system,
        `HS512 with ${index}`,
        forgeToken({ ...header, alg: 'HS512' }, claims, hmac(secret, 'sha512')),
      )
      await expectTokenRefused(system, `said to be ES256, with ${index}`, forgeToken(header, claims, hmac(secret)))
    }
    const zeros = Buffer.alloc(64).toString('base64url')
    for (const [what, token] of Object.entries({
      'zeros for a signature': `${head}.${body}.${zeros}`,
      'two parts': `${head}.${body}`,
      'an empty signature': `${head}.${body}.`,
      'five parts': `${ann.accessToken}.${body}.${signature}`,
      'a passport': createPassports(system.passportKeys).issue('chat', ''),
      'a refresh token': ann.refreshToken,
      nothing: '',
      'no JSON': forgeToken('x', 'x', unsigned),
      'null for a header': forgeToken('null', claims, unsigned),
      'null for claims': forgeToken(header, 'null', () => signature),
      'a list for a header': forgeToken('[]', claims, unsigned),
    })) {
      await expectTokenRefused(system, what, token)
    }
  })

  it('that names or brings a key of its own is refused, and no address in it is asked', async () => {
    const asked: string[] = []
    const trap = createServer((request, response) => {
      asked.push(String(request.url))
      response.end(JSON.stringify({ keys: [own] }))
    })
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/jwks.json`
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const own = { ...pair.publicKey.export({ format: 'jwk' }), kid: jwk.kid }
    const { header, claims } = genuine()
    const x5c = [pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')]
    for (const [name, value] of Object.entries({ jwk: own, jku: url, x5u: url, x5c })) {
      await expectTokenRefused(system, name, forgeToken({ ...header, [name]: value }, claims, ecdsa(pair.privateKey)))
    }
    const paths = ['../../../../dev/null', '/dev/null', 'a/../../b', "x' or 1=1 -- ", '__proto__', 'constructor', url]
    for (const kid of [...paths, '', ' ', 'x'.repeat(10_000), { a: 1 }, [jwk.kid], 0, null, undefined]) {
      await expectTokenRefused(system, `kid ${kid}`, forgeToken({ ...header, kid }, claims, ecdsa(pair.privateKey)))
      await expectTokenRefused(
        system,
        `kid ${kid} and HMAC`,
        forgeToken({ ...header, kid, alg: 'HS256' }, claims, hmac('')),
      )
    }
    expect(asked).toEqual([])
    trap.close()
  })

  it('in another place or form than a bearer token is not read', async () => {
    for (const authorization of [
      ann.accessToken,
      `Basic ${ann.accessToken}`,
      `Bearer ${ann.accessToken}, x`,
      `Bearer Bearer ${ann.accessToken}`,
    ]) {
      const reply = await ask(system.url, question, {}, { authorization })
      expect(reply.data?.me ?? null).toBeNull()
      expectCode(reply, 'UNAUTHENTICATED')
    }
    const reply = await ask(
      system.url,
      question,
      {},
      { cookie: `authorization=${ann.accessToken}; token=${ann.accessToken}` },
    )
    expect(reply.data?.me ?? null).toBeNull()
  })
})
