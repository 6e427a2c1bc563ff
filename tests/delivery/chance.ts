import { createHash } from 'node:crypto'

/** Numbers that look random and are the same for the same seed. */
export interface Chance {
  /** From 0 up to `below`, whole. */
  below(below: number): number
  /** From `from` up to `to`. */
  between(from: number, to: number): number
  oneOf<T>(items: readonly T[]): T
}

export function createChance(seed: number): Chance {
  let drawn = 0
  const next = () => {
    drawn += 1
    return createHash('sha256').update(`${seed}/${drawn}`).digest().readUInt32BE() / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    between: (from, to) => from + next() * (to - from),
    oneOf: <T>(items: readonly T[]) => items[below(items.length)] as T,
  }
}
