import { inRounds } from '../harness/rounds.ts'
import { median } from '../harness/statistics.ts'
import type { Rooms, Step } from './contenders.ts'

export interface ClimbOptions {
  parley: Rooms
  bare: Rooms
  /** Messages a second, to begin with. */
  from: number
  /** Of the 99th percentile, in milliseconds. */
  limit: number
  seconds: number
  rounds: number
  say(line: string): void
}

export interface RatedStep {
  perSecond: number
  bare: Step
  /** Undefined at rates that only the bare server was tried at. */
  parley?: Step
}

const factor = 4 / 3
const factorAlone = 2
/** The processes that send and listen take no more than this. */
const mostPerSecond = 20_000

/**
 * Raises the rate until Parley passes the limit, and then on for the bare server alone, in larger steps, until it does. Gives each
 * step, and the highest rate at which each stayed within the limit.
 */
export async function climb(options: ClimbOptions) {
  const { parley, bare, from, limit, seconds, rounds, say } = options
  const keeps = (step: Step | undefined) => step?.failed === 0 && step.p99 <= limit
  const steps: RatedStep[] = []
  let rate = from
  const tryBoth = async () => {
    const perSecond = Math.round(rate)
    say(`${perSecond} messages a second …`)
    const tried = await inRounds(rounds, {
      parley: () => parley.run(perSecond, seconds),
      bare: () => bare.run(perSecond, seconds),
    })
    steps.push({ perSecond, parley: middle(tried.parley), bare: middle(tried.bare) })
  }
  const tryBare = async () => {
    const perSecond = Math.round(rate)
    say(`${perSecond} messages a second, raw …`)
    steps.push({ perSecond, bare: await bare.run(perSecond, seconds) })
  }
  for (await tryBoth(); keeps(steps.at(-1)?.parley); await tryBoth()) rate *= factor
  for (; keeps(steps.at(-1)?.bare) && rate * factorAlone <= mostPerSecond; await tryBare()) rate *= factorAlone
  const highest = (of: 'parley' | 'bare') =>
    Math.max(0, ...steps.filter((step) => keeps(step[of])).map(({ perSecond }) => perSecond))
  return { steps, sustained: { parley: highest('parley'), bare: highest('bare') } }
}

const middle = (steps: Step[]): Step => ({
  failed: Math.max(...steps.map(({ failed }) => failed)),
  problem: steps.find(({ problem }) => problem)?.problem,
  p50: median(steps.map(({ p50 }) => p50)),
  p99: median(steps.map(({ p99 }) => p99)),
})
