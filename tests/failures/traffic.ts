import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type Person, type Reply, trySend } from '../clients.ts'

/** Clients that ask without a pause, as real ones do: what failed is asked again, of the next gateway. */
export interface Traffic {
  /** The texts of the messages that were acknowledged. */
  acknowledged: Set<string>
  /** Requests that failed twice, with what they failed with: more than a client's one retry mends. */
  failures: string[]
  /** What requests failed with that failed at least once. */
  refusals: Set<string>
  /** How many requests other than sends were answered. */
  answered(): number
  stop(): Promise<void>
}

export interface TrafficOptions {
  urls: string[]
  writers: Person[]
  roomId: string
  /** What else is asked all the time, of a gateway. */
  also?: Record<string, (url: string) => Promise<Reply<unknown>>>
  /** Milliseconds between the requests of one client. */
  rhythm?: number
}

/** Each writer begins with another gateway. A send is repeated, under its id, until it is acknowledged. */
export function startTraffic({ urls, writers, roomId, also = {}, rhythm = 20 }: TrafficOptions): Traffic {
  const acknowledged = new Set<string>()
  const failures: string[] = []
  const refusals = new Set<string>()
  let answered = 0
  let going = true

  /** Asks until it is answered, or until twenty seconds after the end. */
  const persist = async (what: string, first: number, work: (url: string) => Promise<Reply<unknown>>) => {
    for (let tries = 0; ; tries += 1) {
      const problem = await problemOf(work(urls[(first + tries) % urls.length] ?? ''))
      if (problem === undefined) return
      refusals.add(problem)
      if (tries === 1) failures.push(`${what}: ${problem}`)
      if (!going && tries > 100) throw new Error(`${what} was never answered: ${problem}`)
      await pause(200)
    }
  }
  const write = async (who: Person, index: number) => {
    for (let count = 0; going; count += 1) {
      const [text, id] = [`${index}/${count}`, randomUUID()]
      await persist(`the send of ${text}`, index + count, (url) => trySend(who.at(url), roomId, text, id))
      acknowledged.add(text)
      await pause(rhythm)
    }
  }
  const askOthers = async ([what, work]: [string, (url: string) => Promise<Reply<unknown>>]) => {
    for (let count = 0; going; count += 1) {
      await persist(what, count, work)
      answered += 1
      await pause(rhythm)
    }
  }
  const running = [...writers.map(write), ...Object.entries(also).map(askOthers)]
  return {
    acknowledged,
    failures,
    refusals,
    answered: () => answered,
    async stop() {
      going = false
      await Promise.all(running)
    },
  }
}

/** Why a request was not answered: the code of its first error, or what happened to the connection. */
async function problemOf(work: Promise<Reply<unknown>>): Promise<string | undefined> {
  try {
    return (await work).errors?.[0]?.extensions.code
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } }
    return cause?.code ?? name
  }
}
