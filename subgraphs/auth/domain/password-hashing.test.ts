import { beforeAll, describe, expect, it } from '@jest/globals'
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
    expect(await hasher.matches('correct horse', hash)).toBe(true)
    expect(await hasher.matches('correct house', hash)).toBe(false)
  })

  it('takes no password for another that bcrypt cannot tell from it', async () => {
    const longest = await hasher.hash('x'.repeat(72))
    expect(await hasher.matches('x'.repeat(73), longest)).toBe(false)
    const empty = await hasher.hash('')
    expect(await hasher.matches('\uD800', empty)).toBe(false)
    const surrogate = await hasher.hash('\uFFFD')
    expect(await hasher.matches('\uD800', surrogate)).toBe(false)
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
