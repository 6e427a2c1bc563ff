import type { Clock } from './clock.ts'

const every = 10_000
const shortestAnswerTime = 5_000
const longestAnswerTime = 80_000

/**
 * How long the server may take to answer, over the connections of one client. On a slow link its answer stands behind a large message, of
 * which a WebSocket tells nothing until it is whole. So each connection that was given up is followed by one that may take twice as long.
 */
export interface AnswerTime {
  ms(): number
  kept(): void
  missed(): void
}

export function createAnswerTime(): AnswerTime {
  let ms = shortestAnswerTime
  return {
    ms: () => ms,
    kept() {
      ms = shortestAnswerTime
    },
    missed() {
      ms = Math.min(longestAnswerTime, ms * 2)
    },
  }
}

export interface Heartbeat {
  /** Something came from the server, whatever it was. */
  heard(): void
  /** Asks now, not only when it is time; a question that has no answer yet is enough. */
  check(): void
  stop(): void
}

interface HeartbeatOptions {
  clock: Clock
  answerTime: AnswerTime
  ping(): void
  onDead(): void
}

/** Asks a silent server whether it is there: a connection that died without a word looks like one on which nothing happens. */
export function startHeartbeat({ clock, answerTime, ping, onDead }: HeartbeatOptions): Heartbeat {
  let isHeard = true
  let isAsked = false
  const ask = () => {
    cancel()
    isHeard = false
    isAsked = true
    ping()
    cancel = clock.schedule(judge, answerTime.ms())
  }
  const judge = () => {
    isAsked = false
    if (isHeard) {
      answerTime.kept()
      cancel = clock.schedule(ask, every)
    } else {
      answerTime.missed()
      onDead()
    }
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
