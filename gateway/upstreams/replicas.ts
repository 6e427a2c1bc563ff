/** One of several that do the same. */
export interface Replica<T> {
  part: T
  /** It did not answer: others are taken for a while. */
  rest(): void
}

export interface Replicas<T> {
  /** The next one in turn, of those that do not rest; when all of them do, the one that has rested longest. */
  next(): Replica<T>
  count: number
}

/** How long one that did not answer is left alone, in milliseconds, give or take a fifth. */
const restFor = 2_000

/** Takes the parts in turn, beginning anywhere: several gateways must not all begin with the same one. */
export function createReplicas<T>(parts: T[], now: () => number = () => performance.now()): Replicas<T> {
  const replicas = parts.map((part) => {
    const replica = {
      part,
      restsUntil: 0,
      rest() {
        replica.restsUntil = now() + restFor * (0.8 + Math.random() * 0.4)
      },
    }
    return replica
  })
  let turn = Math.floor(Math.random() * replicas.length)
  return {
    count: replicas.length,
    next() {
      const inTurn = [...replicas.slice(turn), ...replicas.slice(0, turn)]
      const awake = inTurn.find(({ restsUntil }) => restsUntil <= now())
      const chosen = awake ?? inTurn.toSorted((a, b) => a.restsUntil - b.restsUntil)[0]
      if (!chosen) throw new Error('There is no replica')
      turn = (replicas.indexOf(chosen) + 1) % replicas.length
      return chosen
    },
  }
}
