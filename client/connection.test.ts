import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { WebSocket } from 'ws'
import { type BadServer, startBadServer, until } from './bad-server.harness.ts'
import { type Connection, openConnection } from './connection.ts'
import { sent } from './following.harness.ts'
import { createAnswerTime } from './heartbeat.ts'
import { createManualClock } from './manual-clock.harness.ts'

let server: BadServer
beforeEach(async () => {
  taken = 0
  server = await startBadServer()
})
afterEach(() => server.close())

/** How often graphql-ws took the socket to open a connection with. */
let taken = 0
class WatchedSocket extends WebSocket {
  constructor(url: string, protocol: string) {
    super(url, protocol)
    const set = (listener: () => void) => {
      taken += 1
      this.addEventListener('open', listener)
    }
    Object.defineProperty(this, 'onopen', { set })
  }
}

/** A connection with one subscription, and all that it is told: `next`, `error`, `complete`, `lost`. */
async function connect(onNext = (_: Connection) => {}) {
  const told: string[] = []
  const connection = await new Promise<Connection>((resolve) => {
    const opened: Connection = openConnection({
      url: server.url,
      token: 'token',
      webSocketImpl: WatchedSocket,
      clock: createManualClock(),
      answerTime: createAnswerTime(),
      onReady: () => resolve(opened),
      onLost: () => told.push('lost'),
    })
  })
  connection.subscribe(
    { query: 'subscription' },
    {
      next() {
        told.push('next')
        onNext(connection)
      },
      error: () => told.push('error'),
      complete: () => told.push('complete'),
    },
  )
  const visit = await server.visit()
  return { connection, told, visit, asked: await visit.subscription() }
}

/** Lets everything happen that is under way in this process. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('a connection', () => {
  it.each([1000, 1006, 1012, 4401, 4500])(
    'tells once that it is lost, and its subscriptions nothing: %d',
    async (code) => {
      const { told, visit, asked } = await connect()
      asked.next(sent(1))
      if (code === 1006) visit.cut()
      else visit.close(code)
      await until('it is lost', () => told.includes('lost'))
      await settled()
      expect(told).toEqual(['next', 'lost'])
      expect(taken).toBe(1)
    },
  )

  it.each(['error', 'complete'])('tells a subscription its own end: %s', async (end) => {
    const { told, asked } = await connect()
    if (end === 'error') asked.refuse({ code: 'FORBIDDEN' })
    else asked.complete()
    await until('it has ended', () => told.length > 0)
    await settled()
    expect(told).toEqual([end])
  })

  it('says nothing more once it is closed, not even what came along', async () => {
    const { told, visit, asked } = await connect((connection) => void connection.close())
    visit.inOneWrite(() => {
      asked.next(sent(1))
      asked.next(sent(2))
      asked.complete()
    })
    expect(await visit.closed).toBe(1000)
    await settled()
    expect(told).toEqual(['next'])
  })

  it('says nothing of an end that came along with its loss', async () => {
    const { told, visit, asked } = await connect()
    visit.inOneWrite(() => {
      asked.complete()
      visit.send('no message')
    })
    await until('it is lost', () => told.includes('lost'))
    await settled()
    expect(told).toEqual(['lost'])
  })
})
