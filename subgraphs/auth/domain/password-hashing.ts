import { randomUUID } from 'node:crypto'
import bcrypt from 'bcrypt'
import { createFairTurns, type TurnOwner } from './fair-turns.ts'
import { isHashable, normalisePassword } from './password-rules.ts'

/** `as typed`: the hash was made before passwords had a normal form, of the very characters that were typed. */
export type PasswordMatch = 'none' | 'normalised' | 'as typed'

/** What waits in vain for its turn is refused: see `createFairTurns`. */
export interface PasswordHasher {
  /** Hashes the normal form. */
  hash(password: string, owner: TurnOwner): Promise<string>
  /**
   * Whether the password is the one that was hashed, in its normal form or else as it was typed. A password that is wrong takes as long
   * without a hash as with one; one that is not in its normal form takes twice as long, because both forms are tried.
   */
  matches(password: string, hash: string | undefined, owner: TurnOwner): Promise<PasswordMatch>
}

export interface PasswordHasherOptions {
  /** bcrypt's cost: each step doubles the time. */
  cost: number
  /** How many hashes run at once: each holds a thread that lookups of names and files wait for too. */
  running?: number
  /** How many wait for their turn: a class that registers at once waits some seconds. */
  waiting?: number
  /** How many wait for their turn on one account. */
  waitingPerAccount?: number
}

export async function createPasswordHasher({
  cost,
  running = 2,
  waiting = 32,
  waitingPerAccount = 2,
}: PasswordHasherOptions): Promise<PasswordHasher> {
  const inTurn = createFairTurns({ running, waiting, waitingPerAccount })
  const nobodys = await bcrypt.hash(randomUUID(), cost)
  const isHashOf = async (password: string, hash: string | undefined) => {
    const possible = isHashable(password)
    const same = await bcrypt.compare(possible ? password : '', hash ?? nobodys)
    return same && possible && hash !== undefined
  }
  return {
    hash: (password, owner) => inTurn(owner, () => bcrypt.hash(normalisePassword(password), cost)),
    matches: (password, hash, owner) =>
      inTurn(owner, async () => {
        const normalised = normalisePassword(password)
        if (await isHashOf(normalised, hash)) return 'normalised'
        if (normalised !== password && (await isHashOf(password, hash))) return 'as typed'
        return 'none'
      }),
  }
}
