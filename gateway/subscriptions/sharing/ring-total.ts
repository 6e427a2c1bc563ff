/** A shared stream, as the total of all rings needs it. */
export interface TotalledRing {
  /** What its ring holds, in bytes. */
  weight(): number
  /**
   * Drops the oldest frames until the ring holds at most so much. It stops before what a listener has yet to be given; if it must not,
   * such a listener goes on by itself. Returns how many frames it dropped.
   */
  dropTo(weight: number, keepsOwed: boolean): number
}

/** What a stream tells the total of its ring. */
export interface RingShare {
  /** The ring holds so much now. To be called when everything was written that could be: other rings may drop frames, and so may this one. */
  holds(weight: number): void
  /** The ring holds nothing any more. */
  leave(): void
}

/** Bounds what the rings of all shared streams of a gateway hold together. */
export interface RingTotal {
  enter(ring: TotalledRing): RingShare
  /** What all of them hold, in bytes. */
  weight(): number
}

/**
 * Once all rings hold more than this, the largest drop their oldest frames: first those that every listener has had, which only a late
 * joiner would miss (it stays on an upstream of its own until it joins); then, if that is not enough, those that slow clients wait for, who go on
 * by themselves after their cursors. A sixteenth more than necessary is dropped, so that rings are rarely looked through.
 */
export function createRingTotal(maxBytes: number, onDropped: (frames: number) => void = () => {}): RingTotal {
  const shares = new Map<TotalledRing, number>()
  let total = 0

  const note = (ring: TotalledRing, weight: number) => {
    total += weight - (shares.get(ring) ?? 0)
    shares.set(ring, weight)
  }
  const largestFirst = () => [...shares.keys()].sort((one, other) => other.weight() - one.weight())
  const isDone = () => total <= maxBytes - maxBytes / 16
  /** Halves the largest rings, one after the other. Returns how many frames that dropped. */
  const halve = (keepsOwed: boolean) => {
    let dropped = 0
    for (const ring of largestFirst()) {
      if (isDone()) break
      dropped += ring.dropTo(ring.weight() / 2, keepsOwed)
      // It may have ended with its last listener.
      if (shares.has(ring)) note(ring, ring.weight())
    }
    return dropped
  }
  const trim = () => {
    for (const keepsOwed of [true, false]) {
      for (let dropped = 1; dropped > 0 && !isDone(); ) {
        dropped = halve(keepsOwed)
        onDropped(dropped)
      }
    }
  }
  return {
    enter(ring) {
      shares.set(ring, 0)
      return {
        holds(weight) {
          if (!shares.has(ring)) return
          note(ring, weight)
          if (total > maxBytes) trim()
        },
        leave() {
          total -= shares.get(ring) ?? 0
          shares.delete(ring)
        },
      }
    },
    weight: () => total,
  }
}
