const step = 50

/**
 * A signal that aborts once this process has had so many milliseconds to read answers in. A time in which it did not run (its machine is
 * busy, its event loop was held up, it was paused) counts as one step, and what came meanwhile is read before the next: nobody else is
 * taken for silent because this process is slow.
 */
export function ownTimeout(milliseconds: number): { signal: AbortSignal; clear(): void } {
  const ending = new AbortController()
  let left = Math.ceil(milliseconds / step)
  let timer: NodeJS.Timeout
  let turn: NodeJS.Immediate | undefined
  const next = () => {
    timer = setTimeout(() => {
      turn = setImmediate(() => {
        left -= 1
        if (left <= 0) ending.abort()
        else next()
      })
    }, step)
  }
  next()
  return {
    signal: ending.signal,
    clear: () => {
      clearTimeout(timer)
      clearImmediate(turn)
    },
  }
}
