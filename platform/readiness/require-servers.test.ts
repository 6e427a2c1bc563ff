import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { serverUrl } from '../testing/server-urls.ts'
import { addressesOf, requireServers, type ServerVariable } from './require-servers.ts'

const variables: ServerVariable[] = ['MYSQL_URL', 'MONGODB_URL', 'REDIS_URL', 'KAFKA_URL']
const schemes = { MYSQL_URL: 'mysql', MONGODB_URL: 'mongodb', REDIS_URL: 'redis', KAFKA_URL: 'kafka' }
const urlFor = (variable: ServerVariable, at: string) => `${schemes[variable]}://ann:hunter2@${at}/parley`

let lines: string[]
const logger = () => {
  const line = (_: unknown, message?: string) => void lines.push(String(message))
  return { debug: line, info: line, warn: line, error: line }
}
/** What a process that starts with this is told: its refusal, or what it logs. */
const toldOf = async (variable: ServerVariable, at: string) => {
  lines = []
  const refusal = await requireServers({ [variable]: urlFor(variable, at) }, logger()).catch((error: Error) => error)
  const told = refusal instanceof Error ? `${refusal.name}: ${refusal.message}` : lines.join()
  expect(told).not.toContain('hunter2')
  return told
}

const real = (['mysql', 'mongodb', 'redis', 'kafka'] as const).map((kind) => serverUrl(kind))
const hostOf = (url: string | undefined) => /\/\/(?:[^@/]*@)?([^/?]+)/.exec(url ?? '')?.[1] ?? ''
describe('a server at the address of another, on real servers', () => {
  if (real.includes(undefined)) return void it.skip('needs MySQL, MongoDB, Redis and Kafka', () => {})
  const names = ['a MySQL', 'a MongoDB', 'a Redis', 'a Kafka']
  const pairs = variables.flatMap((variable, wanted) => names.map((name, found) => ({ variable, wanted, name, found })))

  it.each(pairs)('$variable at $name server', async ({ variable, wanted, name, found }) => {
    const told = await toldOf(variable, hostOf(real[found]))
    if (wanted === found) expect(told).toBe('')
    else
      expect(told).toContain(`StartError: ${variable} leads to ${hostOf(real[found])}, which is ${name} server and not`)
  })
})

describe('what is no server of a kind', () => {
  let server: Server
  const sockets: Socket[] = []
  const listen = async (made: Server) => {
    server = made
    server.on('connection', (socket) => {
      socket.on('error', () => {})
      sockets.push(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  beforeEach(() => void sockets.splice(0))
  afterEach(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  it.each(variables)('%s at a web server is refused', async (variable) => {
    const at = await listen(createHttpServer((_, response) => response.end()))
    expect(await toldOf(variable, at)).toMatch(
      new RegExp(`^StartError: ${variable} leads to ${at}, which is an HTTP server`),
    )
  })

  it.each(variables)('%s at something that speaks otherwise is refused', async (variable) => {
    const at = await listen(createServer((socket) => socket.write('SSH-2.0-something\r\n')))
    expect(await toldOf(variable, at)).toMatch(
      new RegExp(`^StartError: ${variable} leads to ${at}, where something answers`),
    )
  })

  it.each(variables)(
    '%s at a port that accepts and never answers is told of within seconds, and waited for',
    async (variable) => {
      const at = await listen(createServer(() => {}))
      expect(await toldOf(variable, at)).toMatch(new RegExp(`^${variable}: what listens there says nothing`))
    },
  )

  it.each(variables)('%s at a port where nobody listens is told of, and waited for', async (variable) => {
    const at = await listen(createServer(() => {}))
    server.close()
    expect(await toldOf(variable, at)).toMatch(new RegExp(`^${variable}: no .* server is reached there yet`))
  })
})

it.each<[ServerVariable, string, string[]]>([
  ['MYSQL_URL', 'mysql://db/parley', ['db:3306']],
  ['MYSQL_URL', 'mysql://a:p%40b@db:3307/parley?ssl={"ca":1}', []],
  ['MONGODB_URL', 'mongodb://a:b@one,two:27018/parley?replicaSet=rs0', ['one:27017', 'two:27018']],
  ['MONGODB_URL', 'mongodb+srv://cluster.example.com/parley', []],
  ['MONGODB_URL', 'mongodb://one/parley?tls=true', []],
  ['MONGODB_URL', 'mongodb://%2Ftmp%2Fmongodb-27017.sock/parley', []],
  ['REDIS_URL', 'redis://:secret@[::1]:6380/1', ['::1:6380']],
  ['REDIS_URL', 'redis+cluster://one:7000,two', ['one:7000', 'two:6379']],
  ['REDIS_URL', 'rediss://one', []],
  ['REDIS_URL', 'rediss+cluster://one', []],
  ['KAFKA_URL', 'kafka://one,two:9093', ['one:9092', 'two:9093']],
  ['KAFKA_URL', 'kafka+ssl://u:p@one:9093', []],
  ['KAFKA_URL', 'no url', []],
])('of %s %s it asks %j', (variable, url, addresses) => {
  expect(addressesOf(variable, url).map(({ host, port }) => `${host}:${port}`)).toEqual(addresses)
})
