import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createClientConnection } from '../gateway/http/client-connection.ts'
import { variables as gateway, readProcessConfig } from '../gateway/process-config.ts'
import { ConfigError, type Environment, readEnv, type Variables } from '../platform/config/env.ts'
import { parseKafkaUrl } from '../platform/events/kafka/client.kafka.ts'
import { connectionOptions } from '../platform/storage/connection.mysql.ts'
import { parseRedisUrl } from '../platform/storage/redis/address.redis.ts'
import { variables as auth, readConfig as readAuth } from '../subgraphs/auth/config.ts'
import { variables as chat, readConfig as readChat } from '../subgraphs/chat/config.ts'
import { variables as fanOut } from '../subgraphs/chat/fan-out/process.ts'
import { variables as profile, readConfig as readProfile } from '../subgraphs/profile/config.ts'

const secret = 'a secret of thirty-two characters or more'
const good = {
  MYSQL_URL: 'mysql://u:p@h:3306/parley',
  MONGODB_URL: 'mongodb://u:p@h:27017/parley',
  REDIS_URL: 'redis://u:p@h:6379/0',
  KAFKA_URL: 'kafka://u:p@h:9092',
  PASSPORT_KEYS: secret,
  AUTH_SECRET: secret,
}
const processes: Record<string, { variables: Variables; read(environment: Environment): unknown }> = {
  gateway: { variables: gateway, read: readProcessConfig },
  auth: { variables: auth, read: readAuth },
  profile: { variables: profile, read: readProfile },
  chat: { variables: chat, read: readChat },
  'fan-out': { variables: fanOut, read: (environment) => readEnv(environment, fanOut) },
}
/** What reads a value after it was accepted, before anything is connected to. */
const readers: Record<string, (value: string) => unknown> = {
  REDIS_URL: parseRedisUrl,
  KAFKA_URL: parseKafkaUrl,
  MYSQL_URL: connectionOptions,
  TRUSTED_PROXIES: (value) => createClientConnection(value.split(',').flatMap((item) => item.trim() || [])),
}

const pieces = fc.constantFrom(
  ...[
    '',
    ' ',
    ',',
    ':',
    '/',
    '//',
    '@',
    '%',
    '%zz',
    '%40',
    '?',
    '#',
    '=',
    '-',
    '.',
    '0',
    '-1',
    '1e9',
    '99999',
    '٣',
    '\n',
    '\0',
  ],
  ...[
    'abc',
    'true',
    'auth=',
    'http://',
    'redis://',
    'kafka://',
    'mysql://',
    'mongodb://',
    'h',
    'h:0',
    '::1',
    '10.0.0.0/33',
    'x'.repeat(40),
  ],
)
const values = fc.oneof(
  fc.array(pieces, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', minLength: 1 }),
  // A good value with a piece put in somewhere.
  fc
    .tuple(
      fc.constantFrom(...Object.values(good), 'auth=http://a:1,chat=http://b', '10.0.0.0/8,::1', '4000'),
      pieces,
      fc.nat(),
    )
    .map(
      ([value, piece, at]) => value.slice(0, at % (value.length + 1)) + piece + value.slice(at % (value.length + 1)),
    ),
)

it.each(Object.entries(processes))(
  'whatever %s is given, it reads it, or names the variable and its rule',
  (_, { variables, read }) => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(variables)), values, (name, value) => {
        try {
          read({ ...good, [name]: value })
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error
          expect(error.message).toMatch(new RegExp(`^The configuration is not valid:\n {2}- ${name} .+$`))
          return
        }
        readers[name]?.(value)
      }),
      { numRuns: 2_000 },
    )
  },
)
