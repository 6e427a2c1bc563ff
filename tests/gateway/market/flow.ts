import { setTimeout as pause } from 'node:timers/promises'
import { eventually } from '../raw-socket.ts'
import type { Market } from './market.ts'

/** Trades that go on and on. */
export interface Flow {
  /** The number of the last trade. */
  last(): number
  /** Waits for so many more. */
  more(count: number): Promise<void>
  /** Gives the number of the last trade. */
  stop(): Promise<number>
}

const rhythm = 15

/**
 * Trades a stock without an end until it is told to stop, now and then several at once; fewer while this process is busy, in which the
 * gateway, the subgraphs and all clients have to keep up with it.
 */
export function startFlow(market: Market, symbol = 'AAA'): Flow {
  let last = 0
  let going = true
  const run = async () => {
    for (let turn = 0; going; turn += 1) {
      last = market.trading.trade(symbol, turn % 8 === 0 ? 4 : 1, { note: `in turn ${turn}` })
      const before = performance.now()
      await pause(rhythm)
      const late = performance.now() - before - rhythm
      await pause(Math.max(0, Math.min(300, 20 * late)))
    }
  }
  const running = run()
  return {
    last: () => last,
    more: (count) => {
      const enough = last + count
      return eventually(() => last >= enough, `there were ${count} more trades`)
    },
    async stop() {
      going = false
      await running
      return last
    },
  }
}
