import type { AbuseReport, Delays } from './check-abuse.ts'
import { allowed } from './probe.ts'

/** How much more the process may hold after the attack, and how much longer a bystander may wait. */
const bounds = { heapGrowth: 1.1, delayGrowth: 2 }
/** A bystander's p99 alone, in milliseconds, below which its growth says more of the machine than of the system. */
const leastDelay = 25

/** What speaks against the system; empty when nothing does. */
export function problemsIn({ search, heap, bystander }: AbuseReport): string[] {
  const problems = search.tooMuch.map(
    ({ cpu, memory = 0, query }) =>
      `One operation took ${cpu === Number.POSITIVE_INFINITY ? 'for ever' : `${Math.round(cpu)} ms`} (allowed: ${allowed.cpu}) and ${megabytes(memory)} (allowed: ${megabytes(allowed.memory)}):\n${query}`,
  )
  if (heap.after > heap.before * bounds.heapGrowth) {
    problems.push(`The heap grew from ${megabytes(heap.before)} to ${megabytes(heap.after)}`)
  }
  if (bystander) {
    const { alone, flooded } = bystander
    problems.push(...lossesOf(alone, 'while alone'), ...lossesOf(flooded, 'under the flood'))
    if (flooded.p99 > bounds.delayGrowth * Math.max(alone.p99, leastDelay)) {
      problems.push(`A bystander's p99 grew from ${alone.p99} ms to ${flooded.p99} ms`)
    }
  }
  return problems
}

const lossesOf = ({ messages, lost, firstLoss }: Delays, when: string): string[] => [
  ...(lost > 0 ? [`A bystander lost ${lost} of ${messages + lost} messages ${when}; the first: ${firstLoss}`] : []),
  // There is no p99 of no messages.
  ...(messages === 0 ? [`A bystander received none of its messages ${when}`] : []),
]

const megabytes = (bytes: number) => `${Math.round(bytes / 1e5) / 10} MB`
