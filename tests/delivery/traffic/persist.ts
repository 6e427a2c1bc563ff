import { setTimeout as pause } from 'node:timers/promises'
import type { Reply } from '../../clients.ts'

export interface Persistence<T> {
  urls: string[]
  /** The gateway to ask first. */
  first: number
  /** Asks the gateway at this address; asked again, it must do no harm. */
  ask(url: string): Promise<Reply<T>>
  /** The codes that are answers, too. Any other error is asked again. */
  settledBy?: string[]
  /** When to give up, as `performance.now()` tells it. Asked before each try: it may have moved. */
  deadline(): number
  /** Hears what each try failed with: a code of the graph, or of the connection. */
  onFailure?(code: string): void
}

/** Asks one gateway after the other until one answers; undefined when none did in time. */
export async function persist<T>(options: Persistence<T>): Promise<Reply<T> | { code: string } | undefined> {
  const { urls, first, ask, settledBy = [], deadline, onFailure } = options
  for (let tries = 0; performance.now() < deadline(); tries += 1) {
    const reply = await ask(urls[(first + tries) % urls.length] ?? '').catch(whyNot)
    if ('data' in reply && reply.data && !reply.errors) return reply
    const code = 'code' in reply ? reply.code : (reply.errors?.[0]?.extensions.code ?? 'no data')
    if (settledBy.includes(code)) return { code }
    onFailure?.(code)
    await pause(100 + Math.random() * 300)
  }
  return undefined
}

function whyNot(error: Error & { cause?: { code?: string } }): { code: string } {
  return { code: error.cause?.code ?? error.name }
}
