/** What can speak against the promise, and what it means. */
export const faults = {
  lost: 'acknowledged messages that did not come to a reader of their room',
  twice: 'events that came to a reader again, or messages that have two places in their room',
  outOfOrder: 'events that came after later ones, or sends acknowledged at a place before that of an earlier send',
  holes: 'events that are missing between two that came',
  wrong: 'events that nobody caused, that were acknowledged otherwise, or in which readers differ',
  resets: 'snapshots in place of what a cursor asked for; no reader here falls too far behind for it',
  withoutCaughtUp: 'resumed subscriptions that never said that they had caught up',
  unresolved:
    'messages without their sender, while nothing was away that senders need, or without an error that says so',
  afterRemoval: 'events that came to a viewer after the one that removed them',
  sentAfterRemoval: 'messages of somebody who was no member at that place of the room',
  letIn: 'subscriptions of somebody who was no member',
  refused: 'subscriptions of a member that were refused, or that completed although nobody had removed the viewer',
  notEnded:
    'subscriptions that went on, or ended in another way than they should, when the viewer was removed or signed out',
  afterSignOut: 'events that came to a session long after it had ended',
  unpublished: "events of a room's log that never reached the topic that other services read",
  brokenOff: 'processes that ended by themselves, or did not come back',
} as const

export type Fault = keyof typeof faults

/** Counts faults, and keeps the first of each kind as examples. */
export interface Tally {
  blame(fault: Fault, example: string, count?: number): void
  counts(): Record<Fault, number>
  examples(): string[]
}

const keptOfEach = 5

export function createTally(): Tally {
  const counts = Object.fromEntries(Object.keys(faults).map((fault) => [fault, 0])) as Record<Fault, number>
  const examples: string[] = []
  const kept = new Map<Fault, number>()
  return {
    blame(fault, example, count = 1) {
      counts[fault] += count
      const before = kept.get(fault) ?? 0
      if (before >= keptOfEach) return
      kept.set(fault, before + 1)
      examples.push(`${fault}: ${example}`)
    },
    counts: () => ({ ...counts }),
    examples: () => [...examples],
  }
}
