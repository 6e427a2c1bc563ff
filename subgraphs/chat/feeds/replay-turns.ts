/** Spreads the history that many listeners read over the turns of the event loop. */
export interface ReplayTurns {
  /** Resolves when it is this listener's turn to take one step. */
  next(): Promise<void>
}

/**
 * One step is taken in each turn of the event loop, and the listeners take turns. Steps that are in memory already would follow each other
 * without a pause otherwise, and what is live would wait behind all of them.
 */
export function createReplayTurns(): ReplayTurns {
  const waiting: (() => void)[] = []
  const takeOne = () => {
    waiting.shift()?.()
    if (waiting.length > 0) setImmediate(takeOne)
  }
  return {
    next: () =>
      new Promise((resolve) => {
        if (waiting.push(resolve) === 1) setImmediate(takeOne)
      }),
  }
}
