/** A socket that is pinged. */
export interface PingedSocket {
  isOpen(): boolean
  ping(): void
  /** Ends it at once. */
  cut(): void
}

/** Finds sockets whose peer is gone without a word. */
export interface Heartbeat {
  add(socket: PingedSocket): void
  /** The peer has answered a ping, whichever it was. A pong that answers none does not count. */
  answered(socket: PingedSocket): void
  remove(socket: PingedSocket): void
  stop(): void
}

/** In how many parts a period is cut: not every socket is pinged in the same instant. */
const turnsOfPeriod = 15

/** Pings every socket once in a period of milliseconds, and cuts those that have not answered the ping before. */
export function createHeartbeat(period: number): Heartbeat {
  const turns = Array.from({ length: turnsOfPeriod }, () => new Set<PingedSocket>())
  const unanswered = new Set<PingedSocket>()
  let added = 0
  let turn = 0

  const beat = () => {
    turn = (turn + 1) % turnsOfPeriod
    for (const socket of turns[turn] ?? []) {
      if (unanswered.has(socket)) socket.cut()
      else if (socket.isOpen()) {
        unanswered.add(socket)
        socket.ping()
      }
    }
  }
  const timer = setInterval(beat, period / turnsOfPeriod)
  return {
    add(socket) {
      turns[added % turnsOfPeriod]?.add(socket)
      added += 1
    },
    answered: (socket) => void unanswered.delete(socket),
    remove(socket) {
      unanswered.delete(socket)
      for (const sockets of turns) sockets.delete(socket)
    },
    stop: () => clearInterval(timer),
  }
}
