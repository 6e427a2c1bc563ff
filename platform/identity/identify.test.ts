import { generateKeyPairSync } from 'node:crypto'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { createMemoryBroadcast } from '../events/broadcast.memory.ts'
import { createMemoryExpiringSet } from '../expiry/expiring-set.memory.ts'
import { createLogger } from '../logging/logger.ts'
import { signAccessToken } from './access-token.ts'
import { createIdentify, type Identify } from './identify.ts'
import { createRevocations, type Revocations } from './revocations.ts'

const rules = { issuer: 'https://auth.test', audience: 'parley' }
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const token = signAccessToken({ keyId: 'k', privateKey }, rules, {
  userId: 'user',
  sessionId: 'session',
  tokenId: 'token',
  lifetime: 60,
})
const unauthenticated = { code: 'UNAUTHENTICATED' }

let revocations: Revocations
let identify: Identify
beforeEach(() => {
  const broadcast = createMemoryBroadcast(createLogger('test', 'silent'))
  revocations = createRevocations(createMemoryExpiringSet(), broadcast, 60)
  identify = createIdentify(rules, async () => publicKey, revocations)
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

  it('is refused once its session was revoked', async () => {
    await revocations.revoke(['another'])
    await identify(`Bearer ${token}`)
    await revocations.revoke(['session'])
    await expect(identify(`Bearer ${token}`)).rejects.toMatchObject(unauthenticated)
  })
})

it('revocations are announced', async () => {
  const { promise, resolve } = Promise.withResolvers<string[]>()
  await revocations.onRevoked(resolve)
  await revocations.revoke(['one', 'two'])
  expect(await promise).toEqual(['one', 'two'])
  expect(await revocations.revoked(['one', 'three'])).toEqual(new Set(['one']))
})
