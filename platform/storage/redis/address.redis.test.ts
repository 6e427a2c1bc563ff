import { describe, expect, it } from '@jest/globals'
import { parseRedisUrl } from './address.redis.ts'

describe('a redis URL', () => {
  it.each([
    ['redis://cache', { cluster: false, tls: false, nodes: [{ host: 'cache', port: 6379 }], database: 0 }],
    ['rediss://cache:80/3', { cluster: false, tls: true, nodes: [{ host: 'cache', port: 80 }], database: 3 }],
    ['redis://:secret@cache/', { username: undefined, password: 'secret' }],
    [
      'redis://zo%C3%AB:a%40b:c%2F@cache',
      { username: 'zoë', password: 'a@b:c/', nodes: [{ host: 'cache', port: 6379 }] },
    ],
    [
      'rediss+cluster://u:p@one:7000,two,[::1]:7002',
      {
        cluster: true,
        tls: true,
        username: 'u',
        password: 'p',
        nodes: [
          { host: 'one', port: 7000 },
          { host: 'two', port: 6379 },
          { host: '::1', port: 7002 },
        ],
      },
    ],
  ])('is read: %s', (url, expected) => {
    expect(parseRedisUrl(url)).toMatchObject(expected)
  })

  it.each([
    'http://cache',
    'redis://',
    'redis://cache:port',
    'redis://cache:65536',
    'redis://cache/name',
    'redis://cache?db=1',
    'redis://one,two',
    'redis+cluster://one,two/1',
    'redis://u:100%@cache',
  ])('is refused: %s', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(/Redis/)
  })

  it.each(['redis://u:secret@one,two', 'redis:/u:secret@one', 'redis://u:secret%@one'])(
    'is not repeated when it is refused: %s',
    (url) => {
      expect(() => parseRedisUrl(url)).toThrow(/^(?!.*secret)/s)
    },
  )
})
