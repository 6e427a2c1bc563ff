import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createResources, type Resources } from '../../lifecycle/resources.ts'
import { startTcpProxy, type TcpProxy } from '../../testing/tcp-proxy.ts'
import type { RedisConnection } from '../connection.redis.ts'
import { parseRedisUrl } from './address.redis.ts'
import { openClusterSubscriber } from './cluster-subscriber.redis.ts'
import type { Subscriber } from './node-subscriber.redis.ts'
import { type OwnRedisServer, onOwnRedisServers, startOwnRedisServer, until } from './own-servers.harness.ts'

const last = 16_383
const half = 8_191
/** By their slots, 15,495 and 3,300. */
const [high, low] = ['a', 'b']

onOwnRedisServers(() => {
  // Two servers that are no cluster, so that the test can say at any time which of them has which slots.
  describe('subscriptions on a cluster', () => {
    let resources: Resources
    let first: OwnRedisServer
    let second: OwnRedisServer
    let toFirst: TcpProxy
    let toSecond: TcpProxy
    let slots: [from: number, to: number, primary: [host: string | null, port: number]][]
    let subscriber: Subscriber
    let heard: string[]
    let told: boolean[]
    let questions: number
    beforeEach(async () => {
      resources = createResources()
      const start = async () => {
        const server = await startOwnRedisServer()
        resources.onClose(server.close)
        const proxy = await startTcpProxy(server.url)
        resources.onClose(proxy.close)
        return [server, proxy] as const
      }
      ;[[first, toFirst], [second, toSecond]] = await Promise.all([start(), start()])
      heard = []
      told = []
      questions = 0
    })
    afterEach(() => resources.close())

    const at = ({ port }: TcpProxy): [string, number] => ['127.0.0.1', port]
    const subscribe = () => {
      const send = async () => {
        questions += 1
        return slots
      }
      const redis: RedisConnection = { send, close: () => {} }
      subscriber = openClusterSubscriber(redis, parseRedisUrl(`redis+cluster://127.0.0.1:${toFirst.port}`), {
        onPayload: (channel, payload) => heard.push(`${channel} ${payload}`),
        onChange: () => told.push(subscriber.whole()),
      })
      resources.own(subscriber)
    }
    const whole = () => until('it is whole', () => subscriber.whole())
    /** Its connections, without the one that asks. */
    const clients = async (server: OwnRedisServer) =>
      String(await server.send('CLIENT', 'LIST'))
        .trim()
        .split('\n').length - 1

    it('are where the slot of the channel is', async () => {
      slots = [
        [0, half, at(toFirst)],
        [half + 1, last, at(toSecond)],
      ]
      subscribe()
      await whole()
      await Promise.all([subscriber.add(high), subscriber.add(low)])
      expect(await first.send('PUBSUB', 'SHARDCHANNELS')).toEqual([low])
      expect(await second.send('PUBSUB', 'SHARDCHANNELS')).toEqual([high])
      await first.send('SPUBLISH', low, 'hello')
      await until('it is heard', () => heard.length > 0)
      expect(heard).toEqual(['b hello'])
    })

    it('are not whole while the slot of a channel has no owner', async () => {
      slots = [
        [0, half, at(toFirst)],
        [half + 1, last, [null, toSecond.port]],
      ]
      subscribe()
      await whole()
      await subscriber.add(high)
      expect(subscriber.whole()).toBe(false)
      expect(told.at(-1)).toBe(false)
      slots = [
        [0, half, at(toFirst)],
        [half + 1, last, at(toSecond)],
      ]
      await whole()
      expect(await second.send('PUBSUB', 'SHARDCHANNELS')).toEqual([high])
    })

    it('follow their slot, and leave nothing behind', async () => {
      slots = [[0, last, at(toFirst)]]
      subscribe()
      await whole()
      await subscriber.add(low)
      slots = [[0, last, at(toSecond)]]
      told.length = 0
      toFirst.refuse()
      toFirst.cut()
      // It may be whole again before anybody looks.
      await until('the loss is told', () => told.includes(false))
      await whole()
      expect(await second.send('PUBSUB', 'SHARDCHANNELS')).toEqual([low])
      await until('the first is left', async () => (await clients(first)) === 0)
      subscriber.remove(low)
      await until('the second has nothing', async () => String(await second.send('PUBSUB', 'SHARDCHANNELS')) === '')
    })

    it('are not whole before a new owner has confirmed', async () => {
      slots = [
        [0, half, at(toFirst)],
        [half + 1, last, at(toSecond)],
      ]
      subscribe()
      await whole()
      await subscriber.add(low)
      toSecond.freeze()
      slots = [[0, last, at(toSecond)]]
      const asked = questions
      toFirst.refuse()
      toFirst.cut()
      await until('the new owner is known', () => questions > asked)
      expect(subscriber.whole()).toBe(false)
      toSecond.thaw()
      await whole()
      expect(await second.send('PUBSUB', 'SHARDCHANNELS')).toEqual([low])
    })
  })
})
