import { afterEach, describe, expect, it } from '@jest/globals'
import { defaultSocketLimits } from '../../gateway/config.ts'
import { ask } from '../clients.ts'
import { type BrokenReplica, faults, startBrokenReplica } from './broken-replica.ts'
import { asking } from './market/follower.ts'
import { type Market, startMarket } from './market/market.ts'
import { connect, type RawSocket } from './raw-socket.ts'

/** Every wait here has to end by the heartbeat: the waits of the tests are shorter than those that libraries have of their own. */
const config = { operationTimeout: 6_000, sockets: { ...defaultSocketLimits, upstreamHeartbeat: 500 } }

describe.each(Object.entries(faults))('a replica that %s', (_, fault) => {
  let market: Market | undefined
  let socket: RawSocket | undefined
  let broken: BrokenReplica | undefined
  const start = async (reach: (sound: string, broken: string) => string[]) => {
    const replica = await startBrokenReplica(fault)
    broken = replica
    market = await startMarket(config, {}, (sound) => reach(sound, replica.url))
    socket = await connect(market.url, 'ann')
    return { market, socket }
  }
  afterEach(async () => {
    await socket?.close()
    // While connections to the broken one may still be opening or closing; more than once is harmless.
    await Promise.all([market?.stop(), market?.stop()])
    await market?.stop()
    await broken?.close()
    market = socket = broken = undefined
  })

  it('is an error to who subscribes and who asks, when there is no other', async () => {
    const running = await start((_, url) => [url])
    running.socket.send({ id: 'a', type: 'subscribe', payload: asking() })
    const { type, payload } = await running.socket.find(({ id }) => id === 'a')
    expect([type, payload?.[0]?.extensions.code]).toEqual(['error', 'UNAVAILABLE'])
    const { data, errors } = await ask(
      running.market.url,
      '{ company(id: "c1") { name } stock(symbol: "AAA") { price } }',
    )
    expect(data).toEqual({ company: { name: 'Company c1' }, stock: null })
    expect(errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
  })

  const isPassedOver = async (running: { socket: RawSocket }) => {
    for (const id of ['a', 'b', 'c']) {
      running.socket.send({ id, type: 'subscribe', payload: asking() })
      const { type, payload } = await running.socket.find((message) => message.id === id)
      expect([type, payload?.data?.trades.__typename]).toEqual(['next', 'UpToDate'])
    }
  }
  // Nothing tells one whose resolver hangs from one that has nothing to say: that is not asked of another.
  if (fault !== faults['acknowledges, answers pings, and never begins']) {
    it('is passed over for one that answers', async () => isPassedOver(await start((sound, url) => [url, sound])))
  }
})
