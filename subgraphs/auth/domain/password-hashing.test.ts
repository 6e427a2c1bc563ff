import { beforeAll, describe, expect, it, jest } from '@jest/globals'
import bcrypt from 'bcrypt'
import { createPasswordHasher, type PasswordHasher } from './password-hashing.ts'

const owner = { account: 'ada', ip: null }

describe('password hashing', () => {
  let hasher: PasswordHasher
  beforeAll(async () => {
    hasher = await createPasswordHasher({ cost: 4 })
  })

  it('knows the password that was hashed', async () => {
    const hash = await hasher.hash('correct horse', owner)
    expect(await hasher.matches('correct horse', hash, owner)).toBe('normalised')
    expect(await hasher.matches('correct house', hash, owner)).toBe('none')
  })

  it('takes no password for another that bcrypt cannot tell from it', async () => {
    const longest = await hasher.hash('x'.repeat(72), owner)
    expect(await hasher.matches('x'.repeat(73), longest, owner)).toBe('none')
    const empty = await hasher.hash('', owner)
    expect(await hasher.matches('\uD800', empty, owner)).toBe('none')
    const surrogate = await hasher.hash('\uFFFD', owner)
    expect(await hasher.matches('\uD800', surrogate, owner)).toBe('none')
  })

  it('knows a password however it is typed', async () => {
    const forms = [
      'caf\u00e9 \u1e9b\u0323 na\u00efve',
      'cafe\u0301 \u1e9b\u0323 nai\u0308ve',
      'caf\u00e9\u00a0\u1e9b\u0323\u3000na\u00efve',
    ]
    for (const set of forms) {
      const hash = await hasher.hash(set, owner)
      for (const typed of forms) expect(await hasher.matches(typed, hash, owner)).toBe('normalised')
    }
  })

  it('knows by a hash from before the characters that were typed then, and no others', async () => {
    const typed = 'cafe\u0301 and more'
    const old = await bcrypt.hash(typed, 4)
    expect(await hasher.matches(typed, old, owner)).toBe('as typed')
    expect(await hasher.matches('caf\u00e9 and more', old, owner)).toBe('none')
    expect(await hasher.matches('cafe and more', old, owner)).toBe('none')
  })

  it('does the same work for a wrong password whether or not there is a hash', async () => {
    const compare = jest.spyOn(bcrypt, 'compare')
    const work = async (password: string, hash: string | undefined) => {
      compare.mockClear()
      expect(await hasher.matches(password, hash, owner)).toBe('none')
      return compare.mock.calls.length
    }
    const hash = await hasher.hash('correct horse', owner)
    for (const [password, compares] of [
      ['wrong horse', 1],
      ['caf\u00e9', 1],
      ['cafe\u0301', 2],
      ['\u00a0', 2],
      ['x'.repeat(100), 1],
      [`e\u0301${'x'.repeat(100)}`, 2],
      ['\ud800', 1],
    ] as const) {
      expect({ password, compares: await work(password, hash) }).toEqual({ password, compares })
      expect({ password, compares: await work(password, undefined) }).toEqual({ password, compares })
    }
    compare.mockRestore()
  })

  it('lets no account take the places of the others', async () => {
    const flood = Array.from({ length: 24 }, () => hasher.matches('any', undefined, owner))
    const settled = Promise.allSettled(flood)
    const others = Array.from({ length: 12 }, (_, index) => ({ account: `other ${index}`, ip: null }))
    await Promise.all(others.map((other) => hasher.hash('any', other)))
    const refused = (await settled).filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(21)
  })
})
