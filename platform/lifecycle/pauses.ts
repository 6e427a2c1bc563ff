import type { Logger } from '../logging/logger.ts'
import type { Closable } from './resources.ts'

/** Knows when this process did not run: it was stopped, its machine had no time for it, or its event loop was held up. */
export interface PauseWatch extends Closable {
  /** For how many seconds it lately did not run; 0 when it did, and when what waited for it meanwhile has been read. */
  lately(): number
}

export interface PauseWatchOptions {
  /** What this process is called. */
  name: string
  logger: Logger
  now?(): number
}

const every = 500
/** What is shorter, in milliseconds, is an ordinary delay. */
const shortest = 2_000
/** What waited in buffers may come in for this long after a pause, in milliseconds. */
const aftermath = 10_000

/** Compares a timer with the monotonic clock, and logs each pause. */
export function watchPauses({ name, logger, now = () => performance.now() }: PauseWatchOptions): PauseWatch {
  let ranAt = now()
  let paused = 0
  let endedAt = Number.NEGATIVE_INFINITY
  const look = () => {
    const at = now()
    const gap = at - ranAt
    ranAt = at
    const isPause = gap >= every + shortest
    if (at - endedAt - (isPause ? gap : 0) > aftermath) paused = 0
    if (!isPause) return
    paused += gap / 1_000
    endedAt = at
    const seconds = Math.round(gap / 100) / 10
    logger.warn({ seconds }, `${name} did not run for ${seconds} s: what waited for it meanwhile is late`)
  }
  const timer = setInterval(look, every).unref()
  return {
    lately() {
      // What waited is read before a timer that is due: the pause has to be found here.
      look()
      return paused
    },
    close: () => clearInterval(timer),
  }
}
