import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Identify } from '../../platform/identity/identify.ts'
import { type Market, startMarket } from './market/market.ts'
import { connect, eventually, type RawSocket } from './raw-socket.ts'

const subscription = 'subscription { priceChanged(symbol: "AAA") { price } }'

/** How many seconds before now the tokens of a session ran out; they live for an hour unless it is said. */
let expired: Map<string, number>
let identified: (string | undefined)[]
/** `user/session` is a token of that session. */
const believe: Identify = async (authorization) => {
  identified.push(authorization)
  if (!authorization) return 'anonymous'
  const [userId = '', sessionId = ''] = authorization.split('/')
  return { userId, sessionId, keyId: 'key', expiresAt: Date.now() / 1_000 - (expired.get(sessionId) ?? -3_600) }
}

describe('the sockets of a session, when every announcement is lost,', () => {
  let revoked: Set<string>
  let asked: string[][]
  let market: Market
  let open: RawSocket[]

  beforeEach(async () => {
    revoked = new Set()
    expired = new Map()
    asked = []
    identified = []
    open = []
    market = await startMarket(
      {},
      {
        identify: believe,
        revoked: async (ids) => {
          asked.push(ids)
          return new Set(ids.filter((id) => revoked.has(id)))
        },
        broadcast: { subscribe: async () => async () => {} },
      },
    )
  })
  afterEach(async () => {
    for (const { socket } of open) socket.terminate()
    await market.stop()
  })

  const listening = async (token: string) => {
    const socket = await connect(market.url, token)
    open.push(socket)
    const before = market.streams()
    socket.subscribe('a', subscription)
    await eventually(() => market.streams() > before, 'it listens')
    return socket
  }
  /** The event reaches the one that stays, and none of those that are gone. */
  const reachesOnly = async (stays: RawSocket, ...gone: RawSocket[]) => {
    const had = gone.map(({ messages }) => messages.length)
    const before = stays.nexts('a').length
    market.change('AAA', 1)
    await eventually(() => stays.nexts('a').length > before, 'the event has come')
    expect(gone.map(({ messages }) => messages.length)).toEqual(had)
    await eventually(() => market.streams() === 1, 'nothing is subscribed for those that are gone')
  }

  it('are closed with 4401 once it is revoked, and get nothing more', async () => {
    const [one, other, stays] = [await listening('ann/1'), await listening('ann/1'), await listening('ann/2')]
    revoked.add('1')
    expect(await Promise.all([one.closed, other.closed])).toEqual([4401, 4401])
    await reachesOnly(stays, one, other)
  })

  it('cost a check for each token that is new, and none for a token that comes again', async () => {
    const socket = await listening('ann/1')
    const tokens = ['ann/1', 'ann/1', 'ann/1/later', 'ann/1/later', 'ann/1']
    for (const authorization of tokens) socket.send({ type: 'ping', payload: { authorization } })
    await socket.find(() => socket.messages.filter(({ type }) => type === 'pong').length === tokens.length)
    expect(identified).toEqual(['ann/1', 'ann/1/later', 'ann/1'])
  })

  it('are checked all at once, each session once', async () => {
    await Promise.all(
      ['ann/1', 'ann/1', 'ann/2', 'ben/3'].map((token) =>
        connect(market.url, token).then((socket) => open.push(socket)),
      ),
    )
    asked.length = 0
    await eventually(() => asked.length > 0, 'they are checked')
    expect(asked[0]?.toSorted()).toEqual(['1', '2', '3'])
  })

  it('are closed with 4403 when their token runs out, and get nothing more', async () => {
    // Five seconds are tolerated.
    expired.set('1', 4.5)
    const [lapses, stays] = [await listening('ann/1'), await listening('ann/2')]
    expect(await lapses.closed).toBe(4403)
    await reachesOnly(stays, lapses)
  })
})
