import { connect, eventually, type RawSocket } from '../raw-socket.ts'

/** What to subscribe with. */
export interface Question {
  query: string
  variables?: Record<string, unknown>
  operationName?: string
}

/** Somebody who follows the trades of a stock on a socket of their own. */
export interface Follower {
  name: string
  raw: RawSocket
  /** The payloads of all events, in order. */
  // biome-ignore lint/suspicious/noExplicitAny: what a server sends is looked at by the tests.
  payloads(): any[]
  /** The numbers of the events after which one is up to date, and of all others in their order. */
  numbers(): number[]
  /** The number of the last event. */
  last(): number | undefined
  /** Its cursor. */
  cursor(): string | undefined
  /** What ended the subscription, if anything did: the message that says so. */
  end(): { type: string; payload?: unknown } | undefined
}

const id = 'trades'

/** All that a follower has to see to tell whether an event was left out or repeated, and more. */
export const asking = (fields = '', after?: string, symbol = 'AAA'): Question => ({
  query: `subscription ($symbol: ID!, $after: String) {
    trades(symbol: $symbol, after: $after) { __typename number cursor ${fields} }
  }`,
  variables: { symbol, after },
})

/** Subscribes on a new socket, and waits until it is up to date. */
export async function follow(url: string, name: string, question = asking()): Promise<Follower> {
  const raw = await connect(url, name)
  raw.send({ id, type: 'subscribe', payload: question })
  await raw.find((message) => message.id === id)
  return followerOn(raw, name)
}

/** The same, without waiting for anything to come. */
export async function startFollowing(url: string, name: string, question = asking()): Promise<Follower> {
  const raw = await connect(url, name)
  raw.send({ id, type: 'subscribe', payload: question })
  return followerOn(raw, name)
}

function followerOn(raw: RawSocket, name: string): Follower {
  const lastEvent = () => raw.messages.findLast(({ type }) => type === 'next')?.payload.data?.trades
  return {
    name,
    raw,
    payloads: () => raw.nexts(id),
    numbers: () => raw.nexts(id).map(({ data }) => data?.trades.number),
    last: () => lastEvent()?.number,
    cursor: () => lastEvent()?.cursor,
    end: () => raw.messages.find((message) => message.id === id && message.type !== 'next'),
  }
}

/** Does the work for so many, some at a time. */
export async function many<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  while (results.length < count) {
    const next = Array.from({ length: Math.min(50, count - results.length) }, (_, index) => results.length + index)
    results.push(...(await Promise.all(next.map(work))))
  }
  return results
}

export const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)

/** Waits until each has had the event with this number. */
export const allReach = (followers: Follower[], number: number) =>
  eventually(() => followers.every((each) => each.last() === number), `everybody has had event ${number}`)

export const cutAll = (followers: Follower[]) => {
  for (const { raw } of followers) raw.socket.terminate()
}
