import { beforeAll, describe, expect, it, jest } from '@jest/globals'
import bcrypt from 'bcrypt'
import { AppError } from '../../../platform/errors/app-error.ts'
import { createPasswordHasher, type PasswordHasher } from './password-hashing.ts'

const codeOf = (result: PromiseSettledResult<unknown>) =>
  result.status === 'rejected' && result.reason instanceof AppError ? result.reason.code : result.status

describe('password hashing', () => {
  let hasher: PasswordHasher
  beforeAll(async () => {
    hasher = await createPasswordHasher({ cost: 4, running: 2, waiting: 3 })
  })

  it('knows the password that was hashed', async () => {
    const hash = await hasher.hash('correct horse')
    expect(await hasher.matches('correct horse', hash)).toBe('normalised')
    expect(await hasher.matches('correct house', hash)).toBe('none')
  })

  it('takes no password for another that bcrypt cannot tell from it', async () => {
    const longest = await hasher.hash('x'.repeat(72))
    expect(await hasher.matches('x'.repeat(73), longest)).toBe('none')
    const empty = await hasher.hash('')
    expect(await hasher.matches('\uD800', empty)).toBe('none')
    const surrogate = await hasher.hash('\uFFFD')
    expect(await hasher.matches('\uD800', surrogate)).toBe('none')
  })

  it('knows a password however it is typed', async () => {
    const forms = [
      'caf\u00e9 \u1e9b\u0323 na\u00efve',
      'cafe\u0301 \u1e9b\u0323 nai\u0308ve',
      'caf\u00e9\u00a0\u1e9b\u0323\u3000na\u00efve',
    ]
    for (const set of forms) {
      const hash = await hasher.hash(set)
      for (const typed of forms) expect(await hasher.matches(typed, hash)).toBe('normalised')
    }
  })

  it('knows by a hash from before the characters that were typed then, and no others', async () => {
    const typed = 'cafe\u0301 and more'
    const old = await bcrypt.hash(typed, 4)
    expect(await hasher.matches(typed, old)).toBe('as typed')
    expect(await hasher.matches('caf\u00e9 and more', old)).toBe('none')
    expect(await hasher.matches('cafe and more', old)).toBe('none')
  })

  it('does the same work for a wrong password whether or not there is a hash', async () => {
    const compare = jest.spyOn(bcrypt, 'compare')
    const work = async (password: string, hash: string | undefined) => {
      compare.mockClear()
      expect(await hasher.matches(password, hash)).toBe('none')
      return compare.mock.calls.length
    }
    const hash = await hasher.hash('correct horse')
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

  it('refuses what comes past its bound, whether or not there is a hash to compare with', async () => {
    const results = await Promise.allSettled(Array.from({ length: 7 }, () => hasher.matches('any', undefined)))
    expect(results.map(codeOf)).toEqual([...Array(5).fill('fulfilled'), 'UNAVAILABLE', 'UNAVAILABLE'])
    const refused = results.at(-1) as PromiseRejectedResult
    expect(refused.reason.details.retryAfter).toBeGreaterThan(0)
  })

  it('serves again once the queue is empty', async () => {
    for (let round = 0; round < 3; round += 1) {
      const results = await Promise.allSettled(Array.from({ length: 5 }, () => hasher.hash('any')))
      expect(results.map(codeOf)).toEqual(Array(5).fill('fulfilled'))
    }
  })
})
