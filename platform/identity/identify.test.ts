import { generateKeyPairSync } from 'node:crypto'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { signAccessToken } from './access-token.ts'
import { createIdentify, type Identify, identifyFor } from './identify.ts'

const rules = { issuer: 'https://auth.test', audience: 'parley' }
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const token = signAccessToken({ keyId: 'k', privateKey }, rules, {
  userId: 'user',
  sessionId: 'session',
  tokenId: 'token',
  lifetime: 60,
})
const unauthenticated = { code: 'UNAUTHENTICATED' }

let revoked: Set<string>
let identify: Identify
beforeEach(() => {
  revoked = new Set()
  identify = createIdentify(
    rules,
    async () => publicKey,
    async (ids) => new Set(ids.filter((id) => revoked.has(id))),
  )
})

describe('an authorization header', () => {
  it('may be absent: the viewer is anonymous', async () => {
    expect(await identify(undefined)).toBe('anonymous')
    expect(await identify('')).toBe('anonymous')
  })

  it('carries an access token', async () => {
    expect(await identify(`Bearer ${token}`)).toMatchObject({ userId: 'user', sessionId: 'session' })
    expect(await identify(`bearer ${token}`)).toMatchObject({ userId: 'user' })
  })

  it.each([token, `Basic ${token}`, 'Bearer', 'Bearer a.b', `Bearer ${token}.x`, `Bearer ${token}, Bearer ${token}`])(
    'is never taken for anonymous when it is wrong: %#',
    async (header) => {
      await expect(identify(header)).rejects.toMatchObject(unauthenticated)
    },
  )

  it('says more than a gateway that asks for everyone', async () => {
    const viewer = 'everyone'
    expect(await identifyFor(identify, { viewer })).toBe('everyone')
    expect(await identifyFor(identify, { authorization: `Bearer ${token}`, viewer })).toMatchObject({ userId: 'user' })
    await expect(identifyFor(identify, { authorization: 'Bearer a.b', viewer })).rejects.toMatchObject(unauthenticated)
  })

  it('is all that tells who asks unless it is everyone', async () => {
    for (const viewer of [
      undefined,
      '',
      'Everyone',
      'everyone,everyone',
      ['everyone'],
      { userId: 'user' },
      'anonymous',
      'user',
    ])
      expect(await identifyFor(identify, { viewer })).toBe('anonymous')
  })

  it('is refused once its session was revoked', async () => {
    revoked.add('another')
    await identify(`Bearer ${token}`)
    revoked.add('session')
    await expect(identify(`Bearer ${token}`)).rejects.toMatchObject(unauthenticated)
  })
})
