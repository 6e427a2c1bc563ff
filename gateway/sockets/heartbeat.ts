import type { WebSocket } from 'ws'

/** Finds sockets whose peer is gone without a word. */
export interface Heartbeat {
  add(socket: WebSocket): void
  remove(socket: WebSocket): void
  stop(): void
}

/** In how many parts a period is cut: not every socket is pinged in the same instant. */
const turnsOfPeriod = 15

/** Pings every socket once in a period of milliseconds, and cuts those that have not answered the ping before. */
export function createHeartbeat(period: number): Heartbeat {
  const turns = Array.from({ length: turnsOfPeriod }, () => new Set<WebSocket>())
  const unanswered = new Set<WebSocket>()
  let added = 0
  let turn = 0

  function onPong(this: WebSocket) {
    unanswered.delete(this)
  }
  const beat = () => {
    turn = (turn + 1) % turnsOfPeriod
    for (const socket of turns[turn] ?? []) {
      if (unanswered.has(socket)) socket.terminate()
      else if (socket.readyState === socket.OPEN) {
        unanswered.add(socket)
        socket.ping()
      }
    }
  }
  const timer = setInterval(beat, period / turnsOfPeriod)
  return {
    add(socket) {
      socket.on('pong', onPong)
      turns[added % turnsOfPeriod]?.add(socket)
      added += 1
    },
    remove(socket) {
      unanswered.delete(socket)
      for (const sockets of turns) sockets.delete(socket)
    },
    stop: () => clearInterval(timer),
  }
}
