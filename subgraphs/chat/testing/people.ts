import { AppError } from '../../../platform/errors/app-error.ts'
import type { SignedInUser } from '../../../platform/identity/viewer.ts'

const person = (userId: string): SignedInUser => ({
  userId,
  sessionId: `session of ${userId}`,
  keyId: 'key',
  expiresAt: 4_000_000_000,
})

export const [ann, bob, eve, mod, mel] = [person('ann'), person('bob'), person('eve'), person('mod'), person('mel')]

/** What a client gets to see of the error that this fails with. */
export async function refusal(result: Promise<unknown> | (() => Promise<unknown>)) {
  try {
    await (typeof result === 'function' ? result() : result)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { code: error.code, message: error.message, details: error.details }
  }
  throw new Error('It was not refused')
}

export const refusalCode = async (result: Promise<unknown> | (() => Promise<unknown>)) => (await refusal(result)).code
