import type { EventRing } from './event-ring.ts'

type TotalledRing = Pick<EventRing, 'size' | 'dropTo'>

/** Bounds what the rings of all rooms of a node hold together. */
export interface RingTotal {
  /** To be called when the ring has grown: other rings may drop events then, and so may this one. */
  note(ring: TotalledRing): void
  /** The ring is not used any more. */
  leave(ring: TotalledRing): void
}

/**
 * Once all rings together hold more than this, the largest are halved, one after the other: those who follow them read from the log what
 * they have not had. A sixteenth more than necessary is dropped, so that rings are rarely looked through.
 */
export function createRingTotal(maxBytes: number): RingTotal {
  const held = new Map<TotalledRing, number>()
  let total = 0
  const set = (ring: TotalledRing) => {
    const { bytes } = ring.size()
    total += bytes - (held.get(ring) ?? 0)
    held.set(ring, bytes)
  }
  const trim = () => {
    while (total > maxBytes - maxBytes / 16) {
      for (const [ring, bytes] of [...held].sort(([, one], [, other]) => other - one)) {
        if (total <= maxBytes - maxBytes / 16) return
        ring.dropTo(bytes / 2)
        set(ring)
      }
    }
  }
  return {
    note(ring) {
      set(ring)
      if (total > maxBytes) trim()
    },
    leave(ring) {
      total -= held.get(ring) ?? 0
      held.delete(ring)
    },
  }
}
