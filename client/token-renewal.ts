import { askForToken, renewalDelay, type TokenSource } from './access-token.ts'
import type { Loss } from './after-loss.ts'
import { backoff } from './backoff.ts'
import type { Clock } from './clock.ts'

export interface TokenRenewalOptions {
  /** The token that the server has. */
  token: string
  source: TokenSource
  clock: Clock
  onToken(token: string): void
  /** Nobody is signed in any more. */
  onSignedOut(loss: Loss): void
  signal: AbortSignal
}

/** Gets a new token before the old one runs out, until the signal aborts. Gives what gets one at once. */
export function startTokenRenewal({ source, clock, onToken, onSignedOut, signal, ...given }: TokenRenewalOptions) {
  let { token } = given
  let asking = false
  let failures = 0
  let cancel = () => {}

  const renew = async () => {
    if (asking || signal.aborted) return
    asking = true
    cancel()
    const answer = await askForToken(source, token, clock, signal)
    asking = false
    if (signal.aborted) return
    if (typeof answer !== 'string') {
      if (answer.kind !== 'no-token') return onSignedOut(answer)
      return renewIn(backoff(failures++, 'soon', clock.random))
    }
    failures = 0
    if (answer !== token) onToken(answer)
    token = answer
    renewIn(renewalDelay(token, clock.now()))
  }
  const renewIn = (ms: number | undefined) => {
    if (ms !== undefined) cancel = clock.schedule(renew, ms)
  }

  signal.addEventListener('abort', () => cancel())
  renewIn(renewalDelay(token, clock.now()))
  return renew
}
