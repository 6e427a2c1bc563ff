import { randomUUID } from 'node:crypto'
import bcrypt from 'bcrypt'
import { unavailable } from '../../../platform/errors/app-error.ts'
import { isHashable } from './password-rules.ts'

export interface PasswordHasher {
  hash(password: string): Promise<string>
  /** Whether the password is the one that was hashed. Takes as long without a hash, or for a password that cannot be right. */
  matches(password: string, hash: string | undefined): Promise<boolean>
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
  return {
    hash: (password) => inTurn(() => bcrypt.hash(password, cost)),
    async matches(password, hash) {
      const possible = isHashable(password)
      const same = await inTurn(() => bcrypt.compare(possible ? password : '', hash ?? nobodys))
      return same && possible && hash !== undefined
    },
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
