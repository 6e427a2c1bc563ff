import { randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createResources, type Resources } from '../lifecycle/resources.ts'
import { createLogger, type Logger } from '../logging/logger.ts'
import { onServer } from '../testing/servers.ts'
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.ts'
import { openRedis, type RedisConnection } from './connection.redis.ts'
import { onOwnRedisServers, startOwnRedisServer, until } from './redis/own-servers.harness.ts'

const silent = createLogger('test', 'silent')
const unavailable = expect.objectContaining({ code: 'UNAVAILABLE' })

let resources: Resources
beforeEach(() => {
  resources = createResources()
})
afterEach(() => resources.close())

const open = async (url: string, logger: Logger = silent) => resources.own(await openRedis({ url, logger }))
const answers = (redis: RedisConnection) =>
  redis.send('PING').then(
    () => true,
    () => false,
  )

onServer('redis', (url) => {
  describe('a connection to redis', () => {
    let proxy: TcpProxy
    let redis: RedisConnection
    beforeEach(async () => {
      proxy = await startTcpProxy(url)
      resources.onClose(proxy.close)
      redis = await open(proxy.url)
    })
    const goAway = async () => {
      proxy.refuse()
      proxy.cut()
      await until('it is gone', async () => !(await answers(redis)))
    }

    it('sends commands in the order of the calls', async () => {
      const key = `test:${randomUUID()}`
      const numbers = Array.from({ length: 500 }, (_, number) => `${number}`)
      await Promise.all(numbers.map((number) => redis.send('RPUSH', key, number)))
      expect(await redis.send('LRANGE', key, 0, -1)).toEqual(numbers)
      await redis.send('DEL', key)
    })

    it('fails what was under way when it was cut, and does not send it again', async () => {
      const key = `test:${randomUUID()}`
      proxy.freeze()
      const adding = redis.send('INCR', key)
      const outcome = expect(adding).rejects.toEqual(unavailable)
      proxy.cut()
      await outcome
      proxy.thaw()
      await until('it is back', () => answers(redis))
      expect(await redis.send('GET', key)).toBeNull()
    })

    it('fails at once while it is away, and is back soon after', async () => {
      await goAway()
      for (let call = 0; call < 1_000; call += 1) await expect(redis.send('PING')).rejects.toEqual(unavailable)
      await proxy.accept()
      await until('it is back', () => answers(redis))
    })

    it('is replaced when it says nothing any more', async () => {
      const { lines, logger } = noteLines()
      const silenced = await open(proxy.url, logger)
      const before = await silenced.send('CLIENT', 'ID')
      proxy.freeze()
      await expect(silenced.send('PING')).rejects.toEqual(unavailable)
      await until('it is given up', () => lines.length > 0)
      proxy.thaw()
      await until('it is back', () => answers(silenced))
      expect(await silenced.send('CLIENT', 'ID')).not.toBe(before)
    })

    it('is missed when it says nothing any more, also by those that never call', async () => {
      const { lines, logger } = noteLines()
      await open(proxy.url, logger)
      proxy.freeze()
      await until('it is missed', () => lines.length > 0)
      expect(lines).toEqual(['warn'])
    })

    it('refuses a call when too many wait', async () => {
      proxy.freeze()
      const calls = Promise.allSettled(Array.from({ length: 10_000 }, () => redis.send('PING')))
      const settled = await Promise.race([calls, redis.send('PING').catch((error) => error)])
      expect(settled).toEqual(unavailable)
      proxy.cut()
      await calls
    })

    it('opens while the server is away, and works once it is there', async () => {
      await goAway()
      const early = await open(proxy.url)
      await expect(early.send('PING')).rejects.toEqual(unavailable)
      await proxy.accept()
      await until('it is there', () => answers(early))
    })

    it('closes twice, also while the server is away', async () => {
      await goAway()
      await redis.close()
      await redis.close()
      await expect(redis.send('PING')).rejects.toEqual(unavailable)
    })

    it('says what Redis refuses, without the values', async () => {
      const refused = (await redis.send('NOSUCH', 'a secret').catch((error) => error)) as Error
      expect(refused.message).toBe("Redis refused NOSUCH: ERR unknown command 'NOSUCH'")
      expect(JSON.stringify(refused)).not.toContain('secret')
    })

    it('logs a loss once and the return once, however often it is tried in between', async () => {
      const { lines, logger } = noteLines()
      const noisy = await open(proxy.url, logger)
      for (let round = 0; round < 2; round += 1) {
        proxy.refuse()
        proxy.cut()
        await endAttempts(proxy.port, 4)
        await proxy.accept()
        await until('it is back', () => answers(noisy))
      }
      await noisy.close()
      expect(lines).toEqual(['warn', 'info', 'warn', 'info'])
    })
  })
})

onOwnRedisServers(() => {
  describe('a connection to a redis server', () => {
    const start = async (settings: string[] = []) => {
      const server = await startOwnRedisServer(settings)
      resources.onClose(server.close)
      return server
    }

    it('comes back after the server was killed', async () => {
      const server = await start()
      const redis = await open(server.url)
      await server.kill()
      await expect(redis.send('PING')).rejects.toEqual(unavailable)
      await server.start()
      await until('it is back', () => answers(redis))
    })

    it('is replaced when the server was demoted', async () => {
      const server = await start()
      const redis = await open(server.url)
      const before = await redis.send('CLIENT', 'ID')
      await server.send('REPLICAOF', '127.0.0.1', 1)
      await expect(redis.send('SET', 'a', 'b')).rejects.toEqual(unavailable)
      await server.send('REPLICAOF', 'NO', 'ONE')
      await until('it is back', () => answers(redis))
      expect(await redis.send('SET', 'a', 'b')).toBe('OK')
      expect(await redis.send('CLIENT', 'ID')).not.toBe(before)
    })

    it('is made with a name, a password and a database', async () => {
      const server = await start(['--user', 'zoë', 'on', '>p@ss:w/rd', '~*', '+@all'])
      const redis = await open(server.url.replace('//', '//zo%C3%AB:p%40ss%3Aw%2Frd@').concat('/3'))
      expect(await redis.send('ACL', 'WHOAMI')).toBe('zoë')
      expect(await redis.send('CLIENT', 'INFO')).toContain(' db=3 ')
    })

    it('is not made with a wrong password, which is logged nowhere', async () => {
      const server = await start(['--user', 'zoë', 'on', '>right', '~*', '+@all'])
      const { lines, logger, details } = noteLines()
      const redis = await open(server.url.replace('//', '//zo%C3%AB:wrong@'), logger)
      await expect(redis.send('PING')).rejects.toEqual(unavailable)
      expect(lines).toEqual(['warn'])
      expect(JSON.stringify(details)).toContain('WRONGPASS')
      expect(JSON.stringify(details)).not.toContain('wrong')
    })
  })
})

/** A logger that keeps the level of each line, and what was said with it. */
function noteLines() {
  const lines: string[] = []
  const details: unknown[] = []
  const note = (level: string) => (detail: unknown) => {
    lines.push(level)
    details.push(detail)
  }
  const logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') }
  return { lines, details, logger: logger as unknown as Logger }
}

/** Ends so many attempts to connect to the port, on which nothing listens. */
async function endAttempts(port: number, attempts: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let left = attempts
  const server = createServer((socket) => {
    socket.destroy()
    left -= 1
    if (left === 0) server.close(() => resolve())
  })
  server.listen(port, '127.0.0.1')
  await promise
}
