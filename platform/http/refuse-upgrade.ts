import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** What a refusal says besides its status, for whoever looks at the answer: a browser keeps it in its developer tools. */
export interface UpgradeRefusal {
  message?: string
  /** Seconds to wait before the next try. */
  retryAfter?: number
  /** For whoever is no browser. */
  headers?: Record<string, string>
}

/** Answers an upgrade request with this status and ends its connection. */
export function refuseUpgrade(
  socket: Duplex,
  status: 401 | 403 | 404 | 429 | 431 | 503,
  { message = '', retryAfter, headers = {} }: UpgradeRefusal = {},
): void {
  // Node has taken its own listener off: without this one a peer that resets its connection ends the process.
  socket.on('error', () => {})
  socket.once('finish', () => socket.destroy())
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(message)}`,
    ...(retryAfter === undefined ? [] : [`Retry-After: ${Math.ceil(retryAfter)}`]),
    ...Object.entries(headers).map((header) => header.join(': ')),
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${message}`)
}
