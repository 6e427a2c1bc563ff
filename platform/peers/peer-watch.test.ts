import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, it } from '@jest/globals'
import { createPassports, passportHeader } from '../identity/passport.ts'
import { createLogger, type Logger } from '../logging/logger.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { createPeerClocks } from './peer-clocks.ts'
import { openPeerWatch, type PeerWatch } from './peer-watch.ts'
import { createRefusalReport } from './refusal-report.ts'

const logger = createLogger('gateway', 'silent')
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function startPeer(answer: (response: ServerResponse) => void): Promise<string> {
  const server: Server = createServer((_, response) => answer(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** Watches the replicas until each was asked. */
async function watchPeer(urls: string[]): Promise<PeerWatch> {
  const told = new Set<string>()
  const { promise: allTold, resolve } = Promise.withResolvers<void>()
  const tell = (url: string) => {
    if (told.add(url).size === urls.length) resolve()
  }
  const watch = openPeerWatch({
    peers: [{ peer: 'other', urls }],
    passports: createPassports(['a key of thirty-two characters, or more']),
    clocks: createPeerClocks({ name: 'gateway', logger, metrics: createMetrics('gateway') }),
    refusals: { refused: (_, url) => tell(url), accepted: (_, url) => tell(url) },
    tokens: { issuer: 'issuer', audience: 'audience' },
    logger,
    every: 20,
  })
  closing.push(watch.close)
  await allTold
  return watch
}

const refusing = (response: ServerResponse) => void response.end(JSON.stringify({ time: Date.now(), refusal: 'key' }))

it.each([
  ['text/html', '<h1>Not found</h1>'],
  ['application/json', '{"error":"no such page"}'],
  ['text/plain', ''],
])('takes a 404 of %s for a peer of another make, which refuses nobody', async (type, body) => {
  const foreign = await startPeer((response) => response.writeHead(404, { 'content-type': type }).end(body))
  const watch = await watchPeer([foreign, await startPeer(refusing)])
  expect(watch.refusingPeers()).toEqual([])
})

it('names a peer whose every replica refuses this process', async () => {
  const watch = await watchPeer([await startPeer(refusing), await startPeer(refusing)])
  expect(watch.refusingPeers()).toEqual(['other: it refuses this process (key)'])
})

it('names each setting that leads to a process which refuses, and flaps over no address that is right for another peer', async () => {
  const logged: string[] = []
  const log = (_: unknown, message: string) => void logged.push(message)
  const loud = { error: log, info: log, debug: () => {} } as unknown as Logger
  const passports = createPassports(['a key of thirty-two characters, or more'])
  const asked = { chat: 0, auth: 0 }
  const start = async (name: 'chat' | 'auth') => {
    const server = createServer((request, response) => {
      asked[name] += 1
      const { refusal } = passports.check(name, request.headers[passportHeader])
      response.end(JSON.stringify({ time: Date.now(), refusal }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const [chat, auth] = [await start('chat'), await start('auth')]
  const watch = openPeerWatch({
    peers: [
      { peer: 'auth', urls: [auth] },
      { peer: 'chat', urls: [`${chat}/`] },
      { peer: 'auth', title: 'auth (AUTH_URLS)', urls: [chat] },
    ],
    passports,
    clocks: createPeerClocks({ name: 'gateway', logger }),
    refusals: createRefusalReport({ name: 'gateway', logger: loud }),
    tokens: { issuer: 'issuer', audience: 'audience' },
    logger,
    every: 5,
  })
  closing.push(watch.close)
  while (asked.chat < 20 || asked.auth < 10) await pause(5)
  expect(watch.refusingPeers()).toEqual(['auth (AUTH_URLS): it refuses this process (audience)'])
  expect(logged).toEqual([
    expect.stringContaining(`auth refuses the requests of gateway (audience) at ${chat}: another`),
  ])
})

it('keeps one word for whatever else a process says instead of a reason', async () => {
  const metrics = createMetrics('gateway')
  const quiet = { error() {}, info() {} } as unknown as Logger
  const refusals = createRefusalReport({ name: 'gateway', logger: quiet, metrics })
  for (let times = 0; times < 100; times += 1) refusals.refused('chat', 'http://127.0.0.1:1', `reason ${times}`)
  expect((await metrics.text()).match(/^parley_refused_by_peers_total\{.*/gm)).toEqual([
    'parley_refused_by_peers_total{peer="chat",reason="other",service="gateway"} 100',
  ])
})
