import { askForToken, type TokenSource } from './access-token.ts'
import { afterLoss, closed, type Loss, lostWithoutAWord } from './after-loss.ts'
import { backoff, paceAfter } from './backoff.ts'
import type { Clock } from './clock.ts'
import { type Connection, openConnection, type SocketConstructor } from './connection.ts'
import { createAnswerTime } from './heartbeat.ts'
import { startTokenRenewal } from './token-renewal.ts'

/** Somebody who needs a connection. All are told who were members when the first one was: also one who has left since. */
export interface Member {
  onReady(connection: Connection): void
  /** The connection is lost, or there was none to be had; the next one will come. */
  onLost(loss: Loss): void
  /** No other one will come: the member is none any more. */
  onEnd(loss: Loss): void
}

/** The one socket of all members: opened for the first, opened again when it is lost, closed a while after the last has left. */
export interface SharedConnection {
  /** Gives what ends the membership. */
  join(member: Member): () => void
  /** The server wants another token than the one it has. */
  renewToken(): void
  /** Waits no longer before it connects; asks a connection that seems open whether it is. */
  retryNow(): void
  /** Closes the socket without the delay. Nobody may be a member any more. Resolves when nothing is left of it. */
  close(): Promise<void>
}

export interface SharedConnectionOptions {
  url: () => string
  token: TokenSource
  webSocketImpl: SocketConstructor
  clock: Clock
  onSignedOut(): void
}

const idleFor = 3_000
/** What held this long was no failed try: the delay after it is a short one again. */
export const steadyAfter = 10_000

export function createSharedConnection(options: SharedConnectionOptions): SharedConnection {
  const { clock, token: source } = options
  const members = new Set<Member>()
  const answerTime = createAnswerTime()
  let keeping: AbortController | undefined
  let ready: { connection: Connection; since: number; renewToken: () => void } | undefined
  /** The token that the server has, or had last. */
  let token: string | undefined
  let losses = 0
  let closing = Promise.resolve()
  let cancelIdle = () => {}
  let wake = () => {}

  const keepConnected = async ({ signal }: AbortController) => {
    losses = 0
    for (let refused: string | undefined; ; ) {
      const answer = await askForToken(source, refused, clock, signal)
      const loss = typeof answer === 'string' ? await connectUntilLost(answer, signal) : answer
      if (signal.aborted) return
      if (members.size === 0) return stop()
      const next = afterLoss(loss)
      if (next === 'sign-in' || next === 'give-up') return end(loss)
      for (const member of [...members]) member.onLost(loss)
      if (signal.aborted) return
      // As long as there is no answer, that one is refused still.
      if (loss.kind !== 'no-token') refused = next === 'new-token' ? token : undefined
      await pause(backoff(losses, paceAfter(next, losses), clock.random))
      losses += 1
      if (signal.aborted) return
    }
  }

  const connectUntilLost = (first: string, signal: AbortSignal) =>
    new Promise<Loss>((resolve) => {
      if (signal.aborted) return resolve(stopped)
      token = first
      const over = new AbortController()
      const lose = (loss: Loss) => {
        signal.removeEventListener('abort', onStop)
        over.abort()
        if (ready && clock.now() - ready.since >= steadyAfter) losses = 0
        ready = undefined
        resolve(loss)
      }
      const leave = (loss: Loss) => {
        closing = connection.close()
        lose(loss)
      }
      const onStop = () => leave(stopped)
      const onReady = () => {
        const renewToken = startTokenRenewal({
          token: first,
          source,
          clock,
          onToken(newer) {
            token = newer
            connection.bring(newer)
          },
          onSignedOut: leave,
          signal: over.signal,
        })
        ready = { connection, since: clock.now(), renewToken }
        for (const member of [...members]) member.onReady(connection)
      }
      const connection = openConnection({
        ...options,
        answerTime,
        url: options.url(),
        token: first,
        onReady,
        onLost: lose,
      })
      signal.addEventListener('abort', onStop)
    }).catch((error) => closed(lostWithoutAWord, String(error)))

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const cancel = clock.schedule(() => wake(), ms)
      wake = () => {
        cancel()
        wake = () => {}
        resolve()
      }
    })

  const stop = () => {
    cancelIdle()
    keeping?.abort()
    keeping = undefined
    wake()
  }

  const end = (loss: Loss) => {
    stop()
    const left = [...members]
    members.clear()
    for (const member of left) member.onEnd(loss)
    if (afterLoss(loss) === 'sign-in') options.onSignedOut()
  }

  const start = () => {
    const starting = new AbortController()
    void keepConnected(starting)
    return starting
  }

  return {
    join(member) {
      cancelIdle()
      members.add(member)
      if (ready) member.onReady(ready.connection)
      else keeping ??= start()
      return () => {
        if (!members.delete(member) || members.size > 0) return
        if (ready) cancelIdle = clock.schedule(stop, idleFor)
        else stop()
      }
    },
    renewToken: () => ready?.renewToken(),
    retryNow() {
      wake()
      ready?.connection.check()
    },
    close() {
      stop()
      return closing
    },
  }
}

const stopped = closed(1000, 'Stopped')
