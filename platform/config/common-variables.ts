import { logLevels } from '../logging/logger.ts'
import type { Values } from './env.ts'
import { choice, integer, prefix, secrets, serverUrl, serviceUrls, text } from './variable-kinds.ts'

// Parts of a server's URL. What is in a login is percent-encoded.
const login = '([^\\s/@]*@)?'
const host = '[\\w.-]+(:\\d{1,5})?'
const hosts = `${host}(,${host})*`
// With a name goes a password.
const fullLogin = '([^\\s/@:]+:[^\\s/@:]+@)?'

/** The shape of a URL with several hosts and a database. */
export const manyHostsAndDatabase = (schemes: string) =>
  new RegExp(`^(${schemes})://${login}${hosts}/[\\w-]+(\\?\\S*)?$`)

/** What every process that serves HTTP is told. */
export const serverVariables = (port: number) => ({
  HOST: text('address to listen on; 0.0.0.0 opens it to the network', '127.0.0.1'),
  PORT: integer('port to listen on; 0 takes any free one', port, 0, 65_535),
  LOG_LEVEL: choice('what is logged to standard error', logLevels, 'info'),
})

export const redisVariables = {
  REDIS_URL: serverUrl(
    'Redis: revocations, limits, live events; rediss:// for TLS, redis+cluster://host:port,host:port for a cluster',
    new RegExp(`^(rediss?://${login}${host}(/\\d+)?|rediss?\\+cluster://${login}${hosts})$`),
    'redis://redis:6379',
  ),
  REDIS_PREFIX: prefix(
    'what all keys and channels begin with',
    'parley:',
    /^[\w:.-]{0,100}$/,
    'must have at most 100 letters, digits, and : . _ -',
  ),
}

export const kafkaVariables = {
  KAFKA_URL: serverUrl(
    'Kafka: events between services; kafka+ssl:// for TLS, ?sasl= for a mechanism other than scram-sha-512',
    new RegExp(`^kafka(\\+ssl)?://${fullLogin}${hosts}/?(\\?sasl=(plain|scram-sha-256|scram-sha-512))?$`),
    'kafka://kafka:9092',
  ),
  KAFKA_PREFIX: prefix(
    'what all topics and consumer groups begin with',
    '',
    /^[\w.-]{0,100}$/,
    'must have at most 100 letters, digits, and . _ -',
  ),
  KAFKA_PARTITIONS: integer('partitions of a topic that has to be made', 12, 1, 10_000),
  KAFKA_REPLICATION: integer('replicas of a topic that has to be made; -1 takes what the cluster says', -1, -1, 32),
}

export const mysqlVariables = {
  MYSQL_URL: serverUrl(
    'MySQL or MariaDB, with the database',
    new RegExp(`^mysql://${login}${host}/[\\w$-]+(\\?\\S*)?$`),
    'mysql://parley:…@mysql:3306/parley',
  ),
  MYSQL_CONNECTIONS: integer('connections that may be open at a time', 10, 1, 1_000),
}

/** What everybody needs who makes or checks an access token. */
export const tokenVariables = {
  TOKEN_ISSUER: text('the `iss` of access tokens', 'parley-auth'),
  TOKEN_AUDIENCE: text('the `aud` of access tokens', 'parley'),
}

export const passportVariables = {
  PASSPORT_KEYS: secrets('what gateway and subgraphs know one another by; the first signs, two while one is rotated'),
}

export const authUrls = {
  AUTH_URLS: serviceUrls('where auth publishes its keys and revocations', 'http://127.0.0.1:4001'),
}

export const toServer = ({ HOST, PORT }: Values<ReturnType<typeof serverVariables>>) => ({ host: HOST, port: PORT })

export const toRedis = ({ REDIS_URL, REDIS_PREFIX }: Values<typeof redisVariables>) => ({
  url: REDIS_URL,
  prefix: REDIS_PREFIX,
})

export const toKafka = (values: Values<typeof kafkaVariables>) => ({
  url: values.KAFKA_URL,
  prefix: values.KAFKA_PREFIX,
  partitions: values.KAFKA_PARTITIONS,
  replication: values.KAFKA_REPLICATION,
})

export const toMysql = ({ MYSQL_URL, MYSQL_CONNECTIONS }: Values<typeof mysqlVariables>) => ({
  url: MYSQL_URL,
  connections: MYSQL_CONNECTIONS,
})

type IdentityValues = Values<typeof authUrls & typeof passportVariables & typeof tokenVariables & typeof redisVariables>

/** How a process other than auth tells who a token speaks for. */
export const toIdentity = (values: IdentityValues) => ({
  authUrls: values.AUTH_URLS,
  passportKeys: values.PASSPORT_KEYS,
  issuer: values.TOKEN_ISSUER,
  audience: values.TOKEN_AUDIENCE,
  redis: toRedis(values),
})
