import { randomUUID } from 'node:crypto'
import bcrypt from 'bcrypt'
import { unavailable } from '../../../platform/errors/app-error.ts'
import { isHashable, normalisePassword } from './password-rules.ts'

/** `as typed`: the hash was made before passwords had a normal form, of the very characters that were typed. */
export type PasswordMatch = 'none' | 'normalised' | 'as typed'

export interface PasswordHasher {
  /** Hashes the normal form. */
  hash(password: string): Promise<string>
  /**
   * Whether the password is the one that was hashed, in its normal form or else as it was typed. A password that is wrong takes as long
   * without a hash as with one; one that is not in its normal form takes twice as long, because both forms are tried.
   */
  matches(password: string, hash: string | undefined): Promise<PasswordMatch>
}

export interface PasswordHasherOptions {
  /** bcrypt's cost: each step doubles the time. */
  cost: number
  /** How many hashes run at once: each holds a thread that lookups of names and files wait for too. */
  running?: number
  /** How many wait for their turn; past that `hash` and `matches` throw `UNAVAILABLE`. */
  waiting?: number
}

export async function createPasswordHasher({
  cost,
  running = 2,
  waiting = 16,
}: PasswordHasherOptions): Promise<PasswordHasher> {
  const inTurn = createTurns(running, waiting)
  const nobodys = await bcrypt.hash(randomUUID(), cost)
  const isHashOf = async (password: string, hash: string | undefined) => {
    const possible = isHashable(password)
    const same = await bcrypt.compare(possible ? password : '', hash ?? nobodys)
    return same && possible && hash !== undefined
  }
  return {
    hash: (password) => inTurn(() => bcrypt.hash(normalisePassword(password), cost)),
    matches: (password, hash) =>
      inTurn(async () => {
        const normalised = normalisePassword(password)
        if (await isHashOf(normalised, hash)) return 'normalised'
        if (normalised !== password && (await isHashOf(password, hash))) return 'as typed'
        return 'none'
      }),
  }
}

function createTurns(most: number, mostWaiting: number) {
  const queue: (() => void)[] = []
  let running = 0
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= most) {
      if (queue.length >= mostWaiting) throw unavailable('Too many sign-ins at once: try again soon.', 2)
      // Whoever ends hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => queue.push(resolve))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = queue.shift()
      if (next) next()
      else running -= 1
    }
  }
}
