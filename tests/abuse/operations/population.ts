import type { Chance } from '../../delivery/chance.ts'
import { type Knobs, randomKnobs, turnedKnobs } from './knobs.ts'

/** Finds operations that cost much: the most expensive ones so far are kept and varied (an evolution strategy, as fuzzers use it). */
export interface Population {
  /** What to try next. */
  next(): Knobs
  /** Tells what it cost; a larger number is worse for the system. */
  note(knobs: Knobs, cost: number): void
  /** The most expensive ones, the worst first. */
  worst(): Knobs[]
}

const kept = 24
/** How many in ten are new altogether, so that the search does not end in one corner. */
const newInTen = 4

export function createPopulation(chance: Chance): Population {
  const ranked: { knobs: Knobs; cost: number }[] = []
  return {
    next() {
      if (ranked.length < kept || chance.below(10) < newInTen) return randomKnobs(chance)
      return turnedKnobs(chance.oneOf(ranked).knobs, chance)
    },
    note(knobs, cost) {
      ranked.push({ knobs, cost })
      ranked.sort((a, b) => b.cost - a.cost)
      ranked.length = Math.min(ranked.length, kept)
    },
    worst: () => ranked.map(({ knobs }) => knobs),
  }
}
