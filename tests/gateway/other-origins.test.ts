import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Network } from '../../dev/network.ts'
import { upgrade } from '../attacks/socket-client.ts'
import { startSystem } from '../system.ts'

const pages = [
  'http://localhost:5173',
  'http://127.0.0.1:3000',
  'http://[::1]:8080',
  'https://localhost',
  'http://app.localhost:1',
]

const preflight = (url: string, origin: string, path = '/graphql') =>
  fetch(`${url}${path}`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  })

/** What comes to a page that wants a WebSocket and does not get it. */
const refusedUpgrade = (url: string, origin: string) =>
  new Promise<{ status?: number; text: string }>((resolve, reject) => {
    const headers = { origin, connection: 'Upgrade', upgrade: 'websocket' }
    const asked = request(`${url}/graphql`, { headers }, async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode, text })
    })
    asked.on('error', reject)
    asked.end()
  })

const inProduction = { development: false, allowedOrigins: ['https://chat.example'] }

describe('a page of another origin', () => {
  let development: Network
  let production: Network
  /** Admits about ten requests a minute. */
  let thrifty: Network
  beforeAll(async () => {
    development = await startSystem()
    production = await startSystem({ gateway: inProduction })
    thrifty = await startSystem({
      gateway: { ...inProduction, pointsPerMinute: { ofUser: 600, ofAddress: 1_000 } },
    })
  })
  afterAll(async () => {
    await development.stop()
    await production.stop()
    await thrifty.stop()
  })

  it.each(pages)('on this machine may call in development: %s', async (origin) => {
    const { status, headers } = await preflight(development.url, origin)
    expect(status).toBe(204)
    expect(Object.fromEntries(headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '600',
    })
    expect(headers.get('vary')).toContain('Origin')
    expect(await upgrade(development.url, { origin })).toBe(101)
  })

  it('is told in production what has to be set, over HTTP and WebSocket', async () => {
    for (const origin of [...pages, 'https://app.example']) {
      const reply = await preflight(production.url, origin)
      expect(reply.status).toBe(403)
      expect(reply.headers.get('access-control-allow-origin')).toBeNull()
      expect(await reply.text()).toContain('ALLOWED_ORIGINS')
      const { status, text } = await refusedUpgrade(production.url, origin)
      expect(status).toBe(403)
      expect(text).toContain('ALLOWED_ORIGINS')
    }
  })

  it('on the list may read every answer, refusals included', async () => {
    const origin = 'https://chat.example'
    const ask = (init: RequestInit) =>
      fetch(`${thrifty.url}/graphql`, { method: 'POST', ...init, headers: { origin, ...init.headers } })
    const json = { 'content-type': 'application/json' }
    const body = '{"query":"{ __typename }"}'
    const replies = [
      await ask({ headers: json, body }),
      await ask({ headers: json, body: '{' }),
      await ask({ headers: json, body: 'x'.repeat(110_000) }),
      await ask({ headers: { 'content-type': 'text/plain' }, body }),
      await ask({ headers: { ...json, 'content-encoding': 'gzip' }, body }),
      await ask({ headers: { ...json, accept: 'text/html' }, body }),
      await ask({ headers: { ...json, authorization: 'Bearer a.b.c' }, body }),
      await ask({ method: 'DELETE' }),
    ]
    expect(replies.map(({ status }) => status)).toEqual([200, 400, 413, 415, 415, 406, 401, 405])
    while (replies.at(-1)?.status !== 429) replies.push(await ask({ headers: json, body }))
    for (const { headers } of replies) expect(headers.get('access-control-allow-origin')).toBe(origin)
    const last = replies.at(-1)
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(last?.headers.get('access-control-expose-headers')).toContain('retry-after')
  })
})
