import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createResources, type Resources } from '../lifecycle/resources.ts'
import { createLogger } from '../logging/logger.ts'
import { openRedis } from '../storage/connection.redis.ts'
import {
  type OwnRedisCluster,
  onOwnRedisServers,
  startOwnRedisCluster,
  until,
} from '../storage/redis/own-servers.harness.ts'
import { onServer } from '../testing/servers.ts'
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.ts'
import { openRedisBroadcast } from './broadcast.redis.ts'
import type { Broadcast } from './broadcast.ts'

const logger = createLogger('test', 'silent')
const unavailable = expect.objectContaining({ code: 'UNAVAILABLE' })

let resources: Resources
let prefix: string
beforeEach(() => {
  resources = createResources()
  prefix = `test:${randomUUID()}:`
})
afterEach(() => resources.close())

const open = async (url: string) => resources.own(await openRedisBroadcast({ url, prefix, logger }))
const watch = (broadcast: Broadcast) => {
  const told: boolean[] = []
  broadcast.onConnection((connected) => told.push(connected))
  return told
}
const listen = async (broadcast: Broadcast, channel: string) => {
  const heard: string[] = []
  const leave = await broadcast.subscribe(channel, (payload) => heard.push(payload))
  return { heard, leave }
}
const lost = (told: boolean[]) => until('the loss is told', () => told.at(-1) === false)
const back = (told: boolean[]) => until('the return is told', () => told.at(-1) === true)

onServer('redis', (url) => {
  describe('broadcast on redis that goes away', () => {
    let proxy: TcpProxy
    let broadcast: Broadcast
    let elsewhere: Broadcast
    beforeEach(async () => {
      proxy = await startTcpProxy(url)
      resources.onClose(proxy.close)
      broadcast = await open(proxy.url)
      elsewhere = await open(url)
    })
    const goAway = async () => {
      proxy.refuse()
      proxy.cut()
      await until('nothing can be published', () =>
        broadcast.publish('any', '').then(
          () => false,
          () => true,
        ),
      )
    }

    it('brings payloads from one process to another', async () => {
      const [here, there] = [await listen(broadcast, 'a'), await listen(elsewhere, 'a')]
      await broadcast.publish('a', 'one')
      await until('both hear', () => here.heard.length === 1 && there.heard.length === 1)
      await elsewhere.publish('a', 'two')
      await until('both hear', () => here.heard.length === 2 && there.heard.length === 2)
      expect(here.heard).toEqual(['one', 'two'])
      expect(there.heard).toEqual(['one', 'two'])
    })

    it('hears every channel again by the time its return is told', async () => {
      const channels = Array.from({ length: 2_000 }, (_, number) => `channel-${number}`)
      const listeners = await Promise.all(channels.map((channel) => listen(broadcast, channel)))
      const told: boolean[] = []
      broadcast.onConnection((connected) => {
        told.push(connected)
        if (connected) for (const channel of channels) void elsewhere.publish(channel, 'welcome back')
      })
      proxy.cut()
      await until('all are heard', () => listeners.every(({ heard }) => heard.length > 0))
      expect(told).toEqual([false, true])
      expect(listeners.every(({ heard }) => heard.join() === 'welcome back')).toBe(true)
    })

    it('tells each loss and each return once', async () => {
      const told = watch(broadcast)
      for (const rounds of [1, 2]) {
        proxy.cut()
        await until('both are told', () => told.length >= 2 * rounds)
      }
      expect(told).toEqual([false, true, false, true])
    })

    it('leaves alone what was left meanwhile', async () => {
      const [stays, goes, also] = [
        await listen(broadcast, 'a'),
        await listen(broadcast, 'a'),
        await listen(broadcast, 'b'),
      ]
      const told = watch(broadcast)
      await goAway()
      await goes.leave()
      await also.leave()
      await proxy.accept()
      await back(told)
      await elsewhere.publish('a', 'hello')
      await until('it is heard', () => stays.heard.length > 0)
      expect(stays.heard).toEqual(['hello'])
      expect([...goes.heard, ...also.heard]).toEqual([])
      const redis = resources.own(await openRedis({ url, logger }))
      expect(await redis.send('PUBSUB', 'NUMSUB', `${prefix}a`, `${prefix}b`)).toEqual([
        `${prefix}a`,
        1,
        `${prefix}b`,
        0,
      ])
    })

    it('leaves alone what was left while it came back', async () => {
      const names = Array.from({ length: 10_000 }, (_, number) => `channel-${number}`)
      const listeners = await Promise.all(names.map((channel) => listen(broadcast, channel)))
      const redis = resources.own(await openRedis({ url, logger }))
      const subscribed = async (channels: string[]) =>
        (await redis.send('PUBSUB', 'NUMSUB', ...channels.map((channel) => prefix + channel))) as unknown[]
      proxy.cut()
      await until('all are lost', async () => (await subscribed(names.slice(-1))).at(1) === 0)
      await until('the first is back', async () => (await subscribed(names.slice(0, 1))).at(1) === 1)
      await Promise.all(listeners.map(({ leave }) => leave()))
      const { heard } = await listen(broadcast, 'last')
      await until('it is heard', async () => {
        await elsewhere.publish('last', 'hello')
        return heard.length > 0
      })
      expect((await subscribed(names)).filter((count) => count === 1)).toEqual([])
    })

    it('can be subscribed meanwhile, and hears after the return', async () => {
      const told = watch(broadcast)
      await goAway()
      const first = await listen(broadcast, 'a')
      const second = await listen(broadcast, 'a')
      await lost(told)
      await proxy.accept()
      await back(told)
      await elsewhere.publish('a', 'hello')
      await until('it is heard', () => first.heard.length + second.heard.length === 2)
    })

    it('tells whoever starts to watch meanwhile, unless it has stopped by then', async () => {
      const told = watch(broadcast)
      await goAway()
      await lost(told)
      const late = watch(broadcast)
      const stopped: boolean[] = []
      broadcast.onConnection((connected) => stopped.push(connected))()
      await until('it is told', () => late.length > 0)
      expect(late).toEqual([false])
      expect(stopped).toEqual([])
      await proxy.accept()
      await back(late)
    })

    it('tells the others when one that watches throws', async () => {
      broadcast.onConnection(() => {
        throw new Error('not today')
      })
      const told = watch(broadcast)
      proxy.cut()
      await lost(told)
      await back(told)
    })

    it('misses a server that says nothing any more', async () => {
      const told = watch(broadcast)
      const { heard } = await listen(broadcast, 'a')
      proxy.freeze()
      await lost(told)
      await expect(broadcast.publish('a', 'void')).rejects.toEqual(unavailable)
      const meanwhile = await listen(broadcast, 'b')
      proxy.thaw()
      await back(told)
      await elsewhere.publish('a', 'hello')
      await elsewhere.publish('b', 'hello')
      await until('it is heard', () => heard.includes('hello') && meanwhile.heard.includes('hello'))
    })

    it('settles what waits for a server that says nothing', async () => {
      proxy.freeze()
      const publishing = expect(broadcast.publish('a', 'void')).rejects.toEqual(unavailable)
      await listen(broadcast, 'a')
      await publishing
    })

    it('opens while it is away, and works once it is there', async () => {
      await goAway()
      const early = await open(proxy.url)
      const told = watch(early)
      await expect(early.publish('a', 'void')).rejects.toEqual(unavailable)
      const { heard } = await listen(early, 'a')
      await lost(told)
      await proxy.accept()
      await back(told)
      await elsewhere.publish('a', 'hello')
      await until('it is heard', () => heard.length === 1)
    })

    it('closes while it is away', async () => {
      const { leave } = await listen(broadcast, 'a')
      await goAway()
      await broadcast.close()
      await leave()
      await expect(broadcast.publish('a', 'void')).rejects.toEqual(unavailable)
    })

    it('closes while a call waits for a server that says nothing', async () => {
      proxy.freeze()
      const publishing = expect(broadcast.publish('a', 'void')).rejects.toEqual(unavailable)
      const subscribing = broadcast.subscribe('a', () => {})
      await broadcast.close()
      await publishing
      await subscribing
    })
  })
})

onOwnRedisServers(() => {
  describe('broadcast on a redis cluster that breaks', () => {
    let cluster: OwnRedisCluster
    beforeAll(async () => {
      cluster = await startOwnRedisCluster({ nodeTimeout: 2_000 })
    })
    afterAll(() => cluster.close())

    let broadcast: Broadcast
    let elsewhere: Broadcast
    let told: boolean[]
    beforeEach(async () => {
      broadcast = await open(cluster.url)
      elsewhere = await open(cluster.url)
      told = watch(broadcast)
    })
    const channels = Array.from({ length: 60 }, (_, number) => `channel-${number}`)
    /** Listens to channels of every node; gives what waits until all of them have heard something that is published from then on. */
    const listenWidely = async () => {
      const heard = new Map<string, string>()
      await Promise.all(
        channels.map((channel) => broadcast.subscribe(channel, (payload) => heard.set(channel, payload))),
      )
      return async (payload: string) => {
        const missing = () => channels.filter((channel) => heard.get(channel) !== payload)
        await until('every node takes payloads', async () => {
          const published = await Promise.allSettled(channels.map((channel) => elsewhere.publish(channel, payload)))
          return published.every(({ status }) => status === 'fulfilled')
        })
        await until('all are heard', () => missing().length === 0)
      }
    }

    it('brings payloads from one process to another, whichever node has the channel', async () => {
      const allHear = await listenWidely()
      await allHear('hello')
      expect(told).toEqual([])
    })

    it('hears again after the death of a node', async () => {
      const allHear = await listenWidely()
      await cluster.nodes[1]?.kill()
      await lost(told)
      await cluster.nodes[1]?.start()
      await cluster.whole()
      await back(told)
      await allHear('hello')
    })

    it('misses a node that says nothing any more', async () => {
      const allHear = await listenWidely()
      cluster.nodes[2]?.suspend()
      await lost(told)
      cluster.nodes[2]?.resume()
      await cluster.whole()
      await back(told)
      await allHear('hello')
    })

    it('follows a channel to another node', async () => {
      const { heard } = await listen(broadcast, 'wanders')
      await cluster.move(`${prefix}wanders`)
      await until('it is noticed', () => told.includes(false))
      await back(told)
      await until('it can be published', () =>
        elsewhere.publish('wanders', 'hello').then(
          () => true,
          () => false,
        ),
      )
      await until('it is heard', () => heard.includes('hello'))
    })

    it('finds a channel that moved before anybody listened', async () => {
      await cluster.move(`${prefix}wandered`)
      const { heard } = await listen(broadcast, 'wandered')
      await until('it is heard', async () => {
        await elsewhere.publish('wandered', 'hello').catch(() => {})
        return heard.includes('hello')
      })
    })

    it('opens after the death of all nodes, and hears when they are there again', async () => {
      const allHear = await listenWidely()
      await Promise.all(cluster.nodes.map((node) => node.kill()))
      await lost(told)
      await expect(broadcast.publish('any', 'void')).rejects.toEqual(unavailable)
      const early = await open(cluster.url)
      const toldEarly = watch(early)
      const { heard } = await listen(early, 'a')
      await lost(toldEarly)
      await Promise.all(cluster.nodes.map((node) => node.start()))
      await cluster.whole()
      await Promise.all([back(told), back(toldEarly)])
      await allHear('hello')
      await elsewhere.publish('a', 'hello')
      await until('it is heard', () => heard.length > 0)
    })
  })
})
