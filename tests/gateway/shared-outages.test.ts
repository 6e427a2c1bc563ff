import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { defaultSocketLimits } from '../../gateway/config.ts'
import { defaultSharing } from '../../gateway/subscriptions/sharing/shared-streams.ts'
import { startTcpProxy, type TcpProxy } from '../../platform/testing/tcp-proxy.ts'
import { type Flow, startFlow } from './market/flow.ts'
import { allReach, asking, cutAll, type Follower, follow, many, range, startFollowing } from './market/follower.ts'
import { type Market, startMarket } from './market/market.ts'
import { eventually } from './raw-socket.ts'

jest.setTimeout(90_000)

const count = 50
const fields = '... on Traded { note stock { rating } }'

describe('fifty clients that share a stream', () => {
  let market: Market
  /** The ways from the gateway to the subgraph. */
  let networks: TcpProxy[]
  let flow: Flow
  let followers: Follower[]

  const start = async (patience: number, { replicas = 1, upstreamHeartbeat = 5_000 } = {}) => {
    market = await startMarket(
      {
        sharing: { ...defaultSharing, patience, joinAgainAfter: 50 },
        sockets: { ...defaultSocketLimits, restTimeout: 20_000, upstreamHeartbeat },
      },
      {},
      async (stocks) => {
        networks = await many(replicas, () => startTcpProxy(stocks))
        return networks.map(({ url }) => url)
      },
    )
    followers = await many(count, (index) => follow(market.url, `trader ${index}`, asking(fields)))
    await allAreShared()
    flow = startFlow(market)
  }
  afterEach(async () => {
    await flow.stop()
    cutAll(followers)
    await market.stop()
    for (const network of networks) await network.close()
  })

  const allAreShared = () =>
    eventually(() => market.trading.open.own === 0 && market.trading.open.everyone === 1, 'all share one upstream')
  const expectNothingAmiss = async () => {
    const last = await flow.stop()
    await allReach(followers, last)
    for (const follower of followers) {
      expect(follower.end()).toBeUndefined()
      expect(follower.numbers()).toEqual(range(0, last))
      expect(follower.raw.socket.readyState).toBe(follower.raw.socket.OPEN)
    }
  }

  it('notice nothing when the connections to the subgraph are cut, again and again', async () => {
    await start(20_000)
    for (let cuts = 1; cuts <= 5; cuts += 1) {
      await flow.more(20)
      for (const network of networks) network.cut()
      await flow.more(20)
      await eventually(() => market.trading.opened.everyone > cuts, 'the stream was opened again')
    }
    await expectNothingAmiss()
    expect(market.trading.opened.own).toBe(count)
  })

  it('notice nothing when the subgraph restarts', async () => {
    await start(20_000)
    await flow.more(20)
    await market.stocks.stop()
    await flow.more(20)
    await market.stocks.start()
    await flow.more(20)
    await expectNothingAmiss()
    expect(market.trading.opened.own).toBe(count)
  })

  it('are told when it stays away for longer than the gateway is patient, and can resume', async () => {
    await start(300)
    await flow.more(20)
    await market.stocks.stop()
    await eventually(() => followers.every((each) => each.end() !== undefined), 'all have been told')
    const last = await flow.stop()
    await market.stocks.start()
    for (const follower of followers) {
      expect(follower.end()).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'UNAVAILABLE' } }] })
      expect(follower.raw.socket.readyState).toBe(follower.raw.socket.OPEN)
    }
    const resumed = await many(count, (index) => {
      const { name, cursor } = followers[index] as Follower
      return startFollowing(market.url, name, asking(fields, cursor()))
    })
    await allReach(resumed, last)
    for (const [index, follower] of resumed.entries()) {
      const before = followers[index]?.numbers() ?? []
      const after = follower.payloads().filter(({ data }) => data.trades.__typename !== 'UpToDate')
      expect([...before, ...after.map(({ data }) => data.trades.number)]).toEqual(range(0, last))
    }
    cutAll(resumed)
  })

  it('go on by another replica when the one of their stream freezes, and hear nothing again when it thaws', async () => {
    await start(20_000, { replicas: 2, upstreamHeartbeat: 250 })
    // One of them carries the stream.
    for (const network of networks) {
      network.freeze()
      const frozenAt = flow.last()
      await eventually(() => followers.every((each) => (each.last() ?? 0) > frozenAt + 5), 'all go on')
      network.thaw()
      await flow.more(5)
    }
    expect(market.trading.opened.everyone).toBeGreaterThan(1)
    await expectNothingAmiss()
    expect(market.trading.opened.own).toBe(count)
  })
})
