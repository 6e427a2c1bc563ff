import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createRedisExpiringSet } from '../../expiry/expiring-set.redis.ts'
import { createResources, type Resources } from '../../lifecycle/resources.ts'
import { createRedisRateLimit } from '../../limits/rate-limit.redis.ts'
import { createLogger, type Logger } from '../../logging/logger.ts'
import { openRedis } from '../connection.redis.ts'
import { type OwnRedisServer, onOwnRedisServers, startOwnRedisServer, until } from './own-servers.harness.ts'
import { redisAnswers, redisRefusesNoWrites, redisTakesWrites } from './readiness.redis.ts'

const logger = createLogger('test', 'silent')
const prefix = 'test:'

interface Refusal {
  code: string
  begin(server: OwnRedisServer): Promise<unknown>
  end(server: OwnRedisServer): Promise<unknown>
}
const refusals: Refusal[] = [
  {
    code: 'OOM',
    begin: (server) => server.send('CONFIG', 'SET', 'maxmemory', '1kb'),
    end: (server) => server.send('CONFIG', 'SET', 'maxmemory', '0'),
  },
  {
    code: 'READONLY',
    begin: (server) => server.send('REPLICAOF', '127.0.0.1', 1),
    end: (server) => server.send('REPLICAOF', 'NO', 'ONE'),
  },
  {
    code: 'MISCONF',
    async begin(server) {
      await server.send('CONFIG', 'SET', 'save', '3600 1')
      await server.send('SET', 'a', 'b')
      await server.send('BGSAVE')
      await until('it cannot save', async () => /last_bgsave_status:err/.test(String(await server.send('INFO'))))
    },
    end: (server) => server.send('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no'),
  },
]

onOwnRedisServers(() => {
  describe('a redis that refuses writes', () => {
    let resources: Resources
    let server: OwnRedisServer
    beforeEach(async () => {
      resources = createResources()
      // Nobody can write there, whoever runs this.
      server = await startOwnRedisServer(['--dir', '/proc'])
      resources.onClose(server.close)
    })
    afterEach(() => resources.close())
    const connect = async () => resources.own(await openRedis({ url: server.url, logger }))

    it.each(refusals)(
      'is named with its reason while it answers reads, and is well again after it: $code',
      async ({ code, begin, end }) => {
        const redis = await connect()
        const asked = { redis, prefix }
        const refusesNone = redisRefusesNoWrites(asked)
        expect(await redisTakesWrites(asked)).toBe(true)
        await begin(server)
        const reason = expect.stringMatching(new RegExp(`^Redis refuses writes \\(${code}\\b.*\\)$`))
        await until('it says why', async () => (await redisTakesWrites(asked).catch(() => true)) !== true)
        await until('it is believed', async () => (await refusesNone()) !== true)
        expect(await refusesNone()).toEqual({ reason })
        await until('it answers reads', () => redisAnswers(asked).catch(() => false) as Promise<boolean>)

        // The reason goes into the log of whoever wrote, scripts included; a client sees neither.
        const members = createRedisExpiringSet({ redis, prefix })
        await until('the connection is back', () => redisAnswers(asked).catch(() => false) as Promise<boolean>)
        const failure = await members.add('a', 60).catch((error: unknown) => error)
        expect(failure).toMatchObject({ code: 'UNAVAILABLE', cause: { message: reason } })
        expect((failure as Error).message).not.toContain(code)
        await end(server)
        await until('it takes writes', async () => (await redisTakesWrites(asked).catch(() => false)) === true)
        expect(await refusesNone()).toBe(true)
      },
    )

    it('is no reason for those who go on without it when it is away, but what it said last is', async () => {
      const redis = await connect()
      const ask = redisRefusesNoWrites({ redis, prefix })
      await server.kill()
      expect(await ask()).toBe(true)
      await server.start()
      await server.send('CONFIG', 'SET', 'maxmemory', '1kb')
      await until('it refuses', async () => (await ask()) !== true)
      await server.kill()
      expect(await ask()).not.toBe(true)
    })

    it('counts calls again, which the log says as it said that it did not', async () => {
      const lines: string[] = []
      const note = (_: unknown, message?: string) => void lines.push(message ?? String(_))
      const noting = { info: note, warn: note } as unknown as Logger
      const limit = createRedisRateLimit({ redis: await connect(), prefix, logger: noting })
      const take = () => limit.take('a', { limit: 100, seconds: 60 })
      await server.send('CONFIG', 'SET', 'maxmemory', '1kb')
      for (let call = 0; call < 3; call += 1) await take()
      await server.send('CONFIG', 'SET', 'maxmemory', '0')
      for (let call = 0; call < 3; call += 1) await take()
      expect(lines).toEqual([
        'calls are counted within this process, because Redis does not count them',
        'calls are counted by Redis again',
      ])
      await limit.close()
    })

    it('ends a start whose database it does not have, in one line', async () => {
      const opening = openRedis({ url: `${server.url}/99`, logger, requireLogin: true })
      await expect(opening).rejects.toThrow(/^Redis \(REDIS_URL\) has no database 99: ERR DB index is out of range/)
    })

    it('is not used at another database than that of the URL, whenever it comes', async () => {
      await server.kill()
      const redis = resources.own(await openRedis({ url: `${server.url}/99`, logger }))
      await server.start()
      for (let tries = 0; tries < 20; tries += 1) await redis.send('SET', 'stray', '1').catch(() => {})
      await until('it has been tried', async () =>
        /total_connections_received:[2-9]\d*/.test(String(await server.send('INFO'))),
      )
      expect(await server.send('EXISTS', 'stray')).toBe(0)
    })
  })
})
