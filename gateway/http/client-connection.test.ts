import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import type { Logger } from '../../platform/logging/logger.ts'
import { createClientConnection } from './client-connection.ts'

const from = (remoteAddress: string, headers: Record<string, string> = {}) =>
  ({ socket: { remoteAddress }, headers: { host: 'gateway:4000', ...headers } }) as unknown as IncomingMessage
const [client, proxy] = ['203.0.113.9', '10.1.2.3']
const said = { 'x-forwarded-for': client, 'x-forwarded-proto': 'https', 'x-forwarded-host': 'chat.example.org' }
const trusting = createClientConnection(['10.0.0.0/8'])

describe('the connection of a client', () => {
  it.each([
    ['nobody is trusted', createClientConnection([]), from(proxy, said), proxy],
    ['somebody else is trusted', trusting, from('198.51.100.7', said), '198.51.100.7'],
  ])('is that of the socket, whatever headers say, when %s', (_, connection, request, address) => {
    expect(connection.address(request)).toBe(address)
    expect(connection.isHttps(request)).toBe(false)
    expect(connection.host(request)).toBe('gateway:4000')
  })

  it('is what a trusted proxy says', () => {
    const request = from(proxy, said)
    expect(trusting.address(request)).toBe(client)
    expect(trusting.isHttps(request)).toBe(true)
    expect(trusting.host(request)).toBe('chat.example.org')
  })

  it('is what the trusted proxy saw, not what the client put before it', () => {
    const request = from(proxy, {
      'x-forwarded-for': `1.1.1.1, ${client}`,
      'x-forwarded-proto': 'https, http',
      'x-forwarded-host': 'evil.example, chat.example.org',
    })
    expect(trusting.address(request)).toBe(client)
    expect(trusting.isHttps(request)).toBe(false)
    expect(trusting.host(request)).toBe('chat.example.org')
  })

  it('is what the outermost of several trusted proxies saw, whether the inner ones add to headers or leave them', () => {
    const chain = { 'x-forwarded-for': `${client}, 10.9.9.9` }
    expect(trusting.isHttps(from(proxy, { ...chain, 'x-forwarded-proto': 'https, http' }))).toBe(true)
    expect(trusting.isHttps(from(proxy, { ...chain, 'x-forwarded-proto': 'http, https, http' }))).toBe(true)
    expect(trusting.isHttps(from(proxy, { ...chain, 'x-forwarded-proto': 'https' }))).toBe(true)
    expect(trusting.address(from(proxy, chain))).toBe(client)
  })

  it.each(['', ' ', ',', 'HTTPS ', 'http', 'wss', 'httpss'])('takes %j for a protocol or for none', (protocol) => {
    expect(trusting.isHttps(from(proxy, { 'x-forwarded-proto': protocol }))).toBe(protocol === 'HTTPS ')
    expect(trusting.host(from(proxy, { 'x-forwarded-host': '' }))).toBe('gateway:4000')
  })

  it('is HTTPS when the socket is encrypted', () => {
    const request = { socket: { remoteAddress: client, encrypted: true }, headers: {} } as unknown as IncomingMessage
    expect(trusting.isHttps(request)).toBe(true)
  })

  it('says once that a proxy is not trusted, and names the setting', () => {
    const logged: string[] = []
    const logger = { warn: (_: unknown, message: string) => void logged.push(message) } as unknown as Logger
    const connection = createClientConnection(['10.0.0.0/8'], logger)
    connection.address(from('198.51.100.7'))
    connection.address(from(proxy, said))
    expect(logged).toEqual([])
    for (let times = 0; times < 10; times += 1) connection.address(from('198.51.100.7', said))
    expect(logged).toEqual([
      expect.stringContaining(
        'X-Forwarded-For of 198.51.100.7 is not believed, because TRUSTED_PROXIES does not name it',
      ),
    ])
  })
})
