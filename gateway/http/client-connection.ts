import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import proxyAddr from '@fastify/proxy-addr'
import type { Logger } from '../../platform/logging/logger.ts'

/**
 * How clients reach the gateway: as the socket tells, or what a trusted proxy in front of it says (`X-Forwarded-For`, `-Proto`, `-Host`).
 * Of anyone else these headers are not read.
 */
export interface ClientConnection {
  /** Whether a peer is a trusted proxy, by its address: its connections are those of many clients. */
  isTrustedProxy(address: string): boolean
  /** The client's address. */
  address(request: IncomingMessage): string
  /** Whether the client speaks HTTPS. */
  isHttps(request: IncomingMessage): boolean
  /** The host that the client asked for. */
  host(request: IncomingMessage): string | undefined
}

/** The first such header of somebody who is not trusted is logged: it may be the word of a proxy that the configuration forgot. */
export function createClientConnection(trustedProxies: string[], logger?: Logger): ClientConnection {
  let isWarned = false
  const warnOnce = ({ headers, socket: { remoteAddress = '' } }: IncomingMessage) => {
    if (isWarned || headers['x-forwarded-for'] === undefined || trusts(remoteAddress, 0)) return
    isWarned = true
    logger?.warn(
      { from: remoteAddress },
      `X-Forwarded-For of ${remoteAddress} is not believed, because TRUSTED_PROXIES does not name it. If that is a proxy of yours, all its clients count as one address until TRUSTED_PROXIES does`,
    )
  }
  const trusts = proxyAddr.compile(trustedProxies)
  /** What the outermost trusted proxy says. Each proxy replaces the header or puts its own word behind those that it was sent. */
  const forwarded = (request: IncomingMessage, name: string): string | undefined => {
    const header = request.headers[name]
    if (header === undefined || !trusts(request.socket.remoteAddress ?? '', 0)) return undefined
    const words = String(header)
      .split(',')
      .map((word) => word.trim())
    const proxies = Math.max(proxyAddr.all(request, trusts).length - 1, 1)
    return words.at(-Math.min(proxies, words.length)) || undefined
  }
  return {
    isTrustedProxy: (address) => isIP(address) !== 0 && trusts(address, 0),
    address(request) {
      warnOnce(request)
      return proxyAddr(request, trusts)
    },
    isHttps: (request) => {
      const { encrypted = false } = request.socket as Partial<TLSSocket>
      return encrypted || forwarded(request, 'x-forwarded-proto')?.toLowerCase() === 'https'
    },
    host: (request) => forwarded(request, 'x-forwarded-host') ?? request.headers.host,
  }
}
