import type { IncomingMessage } from 'node:http'
import proxyAddr from '@fastify/proxy-addr'

/** The client's address: the socket's, or what a trusted proxy says of it. `X-Forwarded-For` of anyone else is not read. */
export function createClientAddress(trustedProxies: string[]): (request: IncomingMessage) => string {
  const trusts = proxyAddr.compile(trustedProxies)
  return (request) => proxyAddr(request, trusts)
}
