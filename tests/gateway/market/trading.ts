import { EventEmitter, once } from 'node:events'
import { badInput, conflict } from '../../../platform/errors/app-error.ts'
import type { ResumableEvent } from '../../../platform/graphql/resumable.ts'
import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import { abortable } from '../../../platform/streams/abortable.ts'

/** What the log of a stock holds, in order, and what tells a listener that it has had all of it. */
export interface TradingEvent {
  __typename: 'Traded' | 'TraderLeft' | 'UpToDate'
  symbol: string
  /** Its place in the log, from 1; of `UpToDate`, that of the event before. */
  number: number
  cursor: string
  trader: string
  note: string
}

/** How many streams there are, of single viewers and for everyone. */
export interface StreamCounts {
  own: number
  everyone: number
}

/** The logs of all stocks. They outlive the server that gives them out. */
export interface Trading {
  /** Adds trades; gives the number of the last. */
  trade(symbol: string, count?: number, more?: Partial<TradingEvent>): number
  /** From then on the trader may not follow. */
  leave(symbol: string, trader: string): number
  cursorOf(symbol: string, number: number): string
  /** Streams that run. */
  open: StreamCounts
  /** Streams that were ever opened. */
  opened: StreamCounts
  /** For everyone, no stream is given. */
  refusesEveryone: boolean
  follow(viewer: Viewer, symbol: string, after: string | undefined): AsyncGenerator<Step, void>
}

export type Step = ResumableEvent & { trades: TradingEvent }

export function createTrading(): Trading {
  const logs = new Map<string, TradingEvent[]>()
  const appended = new EventEmitter().setMaxListeners(0)
  const logOf = (symbol: string) => {
    const log = logs.get(symbol) ?? []
    logs.set(symbol, log)
    return log
  }
  const cursorOf = (symbol: string, number: number) => `${symbol}#${number}`
  const append = (symbol: string, event: Pick<TradingEvent, '__typename'> & Partial<TradingEvent>) => {
    const log = logOf(symbol)
    const number = log.length + 1
    log.push({ trader: 'nobody', note: '', ...event, symbol, number, cursor: cursorOf(symbol, number) })
    appended.emit(symbol)
    return number
  }
  const placeOf = (symbol: string, cursor: string): number => {
    const number = Number(cursor.slice(symbol.length + 1))
    if (cursor !== cursorOf(symbol, number) || number > logOf(symbol).length) throw conflict('The cursor is unknown')
    return number
  }
  const toStep = (event: TradingEvent, live: boolean): Step => {
    const remove = event.__typename === 'TraderLeft' ? [event.trader] : undefined
    return { trades: event, resumable: { cursor: event.cursor, live, ...(remove && { remove }) } }
  }

  const trading: Trading = {
    trade(symbol, count = 1, more = {}) {
      for (let left = count; left > 1; left -= 1) append(symbol, { __typename: 'Traded', ...more })
      return append(symbol, { __typename: 'Traded', ...more })
    },
    leave: (symbol, trader) => append(symbol, { __typename: 'TraderLeft', trader }),
    cursorOf,
    open: { own: 0, everyone: 0 },
    opened: { own: 0, everyone: 0 },
    refusesEveryone: false,
    follow(viewer, symbol, after) {
      const log = logOf(symbol)
      const isOwn = viewer !== 'everyone'
      if (!isOwn && after === undefined) throw badInput('after', 'is needed')
      if (!isOwn && trading.refusesEveryone) throw conflict('Not for everyone')
      const subject = isOwn ? signedIn(viewer).userId : undefined
      const head = log.length
      const start = after === undefined ? head : placeOf(symbol, after)
      return abortable<Step>(async function* (signal) {
        const kind = isOwn ? 'own' : 'everyone'
        trading.open[kind] += 1
        trading.opened[kind] += 1
        try {
          for (let at = start; ; at += 1) {
            if (isOwn && at === head) {
              const cursor = cursorOf(symbol, head)
              yield toStep({ __typename: 'UpToDate', symbol, number: head, cursor, trader: 'nobody', note: '' }, true)
            }
            while (log.length <= at) await once(appended, symbol, { signal })
            const event = log[at] as TradingEvent
            yield toStep(event, at >= head)
            if (at >= head && event.__typename === 'TraderLeft' && event.trader === subject) return
          }
        } finally {
          trading.open[kind] -= 1
        }
      })
    },
  }
  return trading
}
