import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from '@jest/globals'
import { createPassports } from '../identity/passport.ts'
import { createLogger } from '../logging/logger.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { createPeerClocks } from './peer-clocks.ts'
import { openPeerWatch, type PeerWatch } from './peer-watch.ts'

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
    peers: { other: urls },
    passports: createPassports(['a key of thirty-two characters, or more']),
    clocks: createPeerClocks({ name: 'gateway', logger, metrics: createMetrics('gateway') }),
    refusals: { refused: (_, url) => tell(url), accepted: tell },
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
