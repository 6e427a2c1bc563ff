import { setTimeout as pause } from 'node:timers/promises'
import type { Chance } from './chance.ts'
import type { Part } from './target/target.ts'
import type { Tally } from './verdict/faults.ts'

/** What was taken away so far. */
export interface Schedule {
  /** Takes one part away after the other until it is over, each once a turn. */
  run(): Promise<void>
  /** How often each part was taken away, and in which way: `{ gateway: { killed: 3, paused: 2 } }`. */
  kills(): Record<string, Record<string, number>>
  /** The parts that are away, or were a moment ago. */
  away(): string[]
}

export interface ScheduleOptions {
  parts: Part[]
  chance: Chance
  tally: Tally
  /** How long nothing is taken away between two parts, in milliseconds. */
  rest: [from: number, to: number]
  isOver(): boolean
  say(line: string): void
}

/** How long a part that is back may still be felt, in milliseconds. */
const aftermath = 10_000

export function createSchedule({ parts, chance, tally, rest, isOver, say }: ScheduleOptions): Schedule {
  const kills: Record<string, Record<string, number>> = {}
  const awayUntil = new Map<string, number>()

  const strike = async (part: Part) => {
    awayUntil.set(part.name, Number.POSITIVE_INFINITY)
    try {
      const { what, how } = await part.strike(chance)
      kills[part.name] = { ...kills[part.name], [how]: (kills[part.name]?.[how] ?? 0) + 1 }
      say(`${what} ${how}`)
    } catch (error) {
      tally.blame('brokenOff', `${part.name} did not come back: ${error}`)
    } finally {
      awayUntil.set(part.name, performance.now() + aftermath)
    }
  }
  return {
    async run() {
      for (let turn: Part[] = []; parts.length > 0 && !isOver(); ) {
        if (turn.length === 0) turn = shuffled(parts, chance)
        await pause(chance.between(...rest))
        const part = turn.pop()
        if (part && !isOver()) await strike(part)
      }
    },
    kills: () => kills,
    away: () => [...awayUntil].filter(([, until]) => performance.now() < until).map(([name]) => name),
  }
}

const shuffled = <T>(items: T[], chance: Chance): T[] =>
  items
    .map((item) => [chance.below(2 ** 30), item] as const)
    .toSorted(([one], [other]) => one - other)
    .map(([, item]) => item)
