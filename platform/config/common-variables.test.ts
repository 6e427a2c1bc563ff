import { describe, expect, it } from '@jest/globals'
import { kafkaVariables, manyHostsAndDatabase, mysqlVariables, redisVariables } from './common-variables.ts'
import { serverUrl } from './variable-kinds.ts'

const mongodb = serverUrl('MongoDB', manyHostsAndDatabase('mongodb|mongodb\\+srv'), 'mongodb://h/d')
const urls = {
  mysql: mysqlVariables.MYSQL_URL,
  mongodb,
  redis: redisVariables.REDIS_URL,
  kafka: kafkaVariables.KAFKA_URL,
}
const isTaken = (url: string) =>
  urls[/^[a-z]+/.exec(url)?.[0].replace(/^rediss$/, 'redis') as keyof typeof urls].schema.safeParse(url).success

describe('the URL of a server', () => {
  it.each([
    'mysql://root@127.0.0.1:3306/parley',
    'mysql://parley:p%40ss@db.example.org/parley?ssl={}',
    'mongodb://127.0.0.1:27017/parley',
    'mongodb://u:p@a:27017,b:27017,c/parley?replicaSet=rs0&authSource=admin',
    'mongodb+srv://cluster.example.org/parley',
    'redis://127.0.0.1:6379',
    'redis://:secret@redis:6379/2',
    'rediss://u:p@redis',
    'redis+cluster://a:7000,b:7001',
    'kafka://a:9092,b:9092',
    'kafka+ssl://u:p@a:9093/?sasl=plain',
  ])('is taken: %s', (url) => expect(isTaken(url)).toBe(true))

  it.each([
    'mysql://h',
    'mysql:///parley',
    'mysql://h:x/parley',
    'mongodb://h',
    'mongodb://h/',
    'redis://a,b',
    'redis://h/x',
    'redis+cluster://',
    'kafka://h/x',
    'kafka://h?y=1',
    'kafka://',
  ])('is named at the start, not met later: %s', (url) => expect(isTaken(url)).toBe(false))
})
