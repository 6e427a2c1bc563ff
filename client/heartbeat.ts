import type { Clock } from './clock.ts'

const every = 10_000
const answerWithin = 5_000

export interface Heartbeat {
  /** Something came from the server, whatever it was. */
  heard(): void
  /** Asks now, not only when it is time; a question that has no answer yet is enough. */
  check(): void
  stop(): void
}

/** Asks a silent server whether it is there: a connection that died without a word looks like one on which nothing happens. */
export function startHeartbeat({ clock, ping, onDead }: { clock: Clock; ping(): void; onDead(): void }): Heartbeat {
  let isHeard = true
  let isAsked = false
  const ask = () => {
    cancel()
    isHeard = false
    isAsked = true
    ping()
    cancel = clock.schedule(judge, answerWithin)
  }
  const judge = () => {
    isAsked = false
    if (isHeard) cancel = clock.schedule(ask, every)
    else onDead()
  }
  let cancel = clock.schedule(ask, every)
  return {
    heard: () => {
      isHeard = true
    },
    check: () => {
      if (!isAsked || isHeard) ask()
    },
    stop: () => cancel(),
  }
}
