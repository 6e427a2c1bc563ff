import type { Logger } from '../../platform/logging/logger.ts'

export interface OriginRules {
  /** Web origins besides the gateway's own that may call it from a browser. */
  allowedOrigins: string[]
  /** Whether every page of this machine may call, too: a developer's own, whatever port its server took. */
  development: boolean
  logger: Logger
}

/** Which web pages may call: the gateway's own, and those of allowed origins. One rule for HTTP and WebSocket. */
export interface Origins {
  /** Whether pages of other sites may call that have this origin. */
  isAllowed(origin: string): boolean
  /** The same, or the origin is the gateway's own; `host` is the request's. */
  mayCall(origin: string, host: string | undefined): boolean
  /** Says in the log, once for each origin, that its pages are refused, and gives the sentence for the answer. */
  refusal(origin: string): string
}

/** How many origins the log names: anybody can make up more of them. */
const mostNamed = 50

export function createOrigins({ allowedOrigins, development, logger }: OriginRules): Origins {
  const named = new Set<string>()
  const isAllowed = (origin: string) => allowedOrigins.includes(origin) || (development && isLoopback(origin))
  return {
    isAllowed,
    mayCall: (origin, host) => isAllowed(origin) || isOwn(origin, host),
    refusal(origin) {
      const message = URL.parse(origin)?.origin === origin ? notAllowed : noOrigin
      if (named.size < mostNamed && !named.has(origin)) {
        named.add(origin)
        logger.warn({ origin: origin.slice(0, longestOrigin) }, message)
      }
      return message
    },
  }
}

/** Whether the origin is that of the host: some clients and proxies write the port that the scheme has anyway. */
function isOwn(origin: string, host: string | undefined): boolean {
  const url = URL.parse(origin)
  return (
    url !== null &&
    host !== undefined &&
    (url.host === host || url.host === URL.parse(`${url.protocol}//${host}`)?.host)
  )
}

const longestOrigin = 200
const notAllowed = 'Pages of this origin may not call: add it to ALLOWED_ORIGINS of the gateway.'
const noOrigin =
  'A page without a web origin (opened as a file, or in a sandboxed frame) may not call: open it from a web server.'

/** Whether the origin is a page of this machine: localhost, 127.0.0.0/8 or [::1], on any port. */
function isLoopback(origin: string): boolean {
  const url = URL.parse(origin)
  if (url?.origin !== origin || !/^https?:$/.test(url.protocol)) return false
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
}
