import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createLogger } from '../../../platform/logging/logger.ts'
import type { StoredSigningKey } from '../store/auth-store.ts'
import { type KeyRingOptions, openKeyRing } from './key-ring.ts'
import { seal, unseal } from './sealing.ts'
import { deriveSecrets } from './secrets.ts'

const day = 86_400_000
const { signingKeys: sealingKey } = deriveSecrets('a secret of at least thirty-two characters')

describe('key ring', () => {
  let rows: StoredSigningKey[]
  let now: number
  let store: KeyRingOptions['store']
  beforeEach(() => {
    rows = []
    now = 1_000 * day
    store = {
      signingKeys: async () => [...rows],
      addSigningKey: async (key) => void rows.push(key),
      removeSigningKeys: async (ids) => {
        rows = rows.filter((row) => !ids.includes(row.id))
      },
    }
  })
  const open = (key = sealingKey) =>
    openKeyRing({
      store,
      sealingKey: key,
      accessTokenLifetime: 600,
      logger: createLogger('auth', 'silent'),
      now: () => new Date(now),
    })
  const publishedIds = async (ring: Awaited<ReturnType<typeof open>>) =>
    (await ring.published()).keys.map((key) => key.kid)

  it('makes one key and has it again after a restart', async () => {
    const { keyId } = (await open()).signingKey()
    const again = await open()
    expect(again.signingKey().keyId).toBe(keyId)
    expect(await publishedIds(again)).toEqual([keyId])
  })

  it('stores no private key that can be read, and publishes none', async () => {
    const ring = await open()
    expect(JSON.stringify(rows)).not.toContain('PRIVATE')
    expect(rows[0]?.publicKey).not.toContain('"d"')
    expect((await ring.published()).keys[0]).not.toHaveProperty('d')
  })

  it('publishes a new key before it signs, and the old one until its tokens are gone', async () => {
    const ring = await open()
    const { keyId: old } = ring.signingKey()
    now += 31 * day
    await ring.upkeep()
    const [, fresh] = await publishedIds(ring)
    expect(fresh).toBeDefined()
    expect(ring.signingKey().keyId).toBe(old)
    now += 600_000
    await ring.upkeep()
    expect(ring.signingKey().keyId).toBe(fresh)
    expect(await publishedIds(ring)).toEqual([old, fresh])
    now += 600_000 + 240_000
    await ring.upkeep()
    expect(await publishedIds(ring)).toEqual([fresh])
  })

  it('finds and publishes the keys of other replicas', async () => {
    const [mine, another, theirs] = [await open(), await open(), await open()]
    now += 31 * day
    await theirs.upkeep()
    const fresh = String((await publishedIds(theirs))[1])
    expect(await publishedIds(another)).toContain(fresh)
    expect(await mine.publicKeys(fresh)).toBeDefined()
    expect(await mine.publicKeys('unknown')).toBeUndefined()
  })

  it('makes a new key when the secret was changed, and still publishes the old one', async () => {
    const { keyId: old } = (await open()).signingKey()
    const ring = await open(Buffer.alloc(32, 7))
    expect(ring.signingKey().keyId).not.toBe(old)
    expect(await ring.publicKeys(old)).toBeDefined()
  })
})

describe('sealing', () => {
  let sealed: string
  beforeEach(() => {
    sealed = seal(sealingKey, 'one', 'text')
  })
  afterEach(() => {
    expect(unseal(sealingKey, 'one', sealed)).toBe('text')
  })

  it('opens for its own key and label only', () => {
    expect(unseal(sealingKey, 'two', sealed)).toBeUndefined()
    expect(unseal(Buffer.alloc(32), 'one', sealed)).toBeUndefined()
  })

  it('does not open when it was changed or cut', () => {
    const bytes = Buffer.from(sealed, 'base64url')
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    expect(unseal(sealingKey, 'one', bytes.toString('base64url'))).toBeUndefined()
    expect(unseal(sealingKey, 'one', sealed.slice(0, 20))).toBeUndefined()
    expect(unseal(sealingKey, 'one', '')).toBeUndefined()
  })
})

describe('secrets', () => {
  it('need 32 characters, and give a key of its own for each use', () => {
    expect(() => deriveSecrets('x'.repeat(31))).toThrow('32 characters')
    const { refreshTokens, signingKeys } = deriveSecrets('x'.repeat(32))
    expect(refreshTokens.equals(signingKeys)).toBe(false)
  })
})
