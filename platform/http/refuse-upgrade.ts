import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** Answers an upgrade request with this status and ends its connection. */
export function refuseUpgrade(socket: Duplex, status: 401 | 403 | 404 | 429 | 503): void {
  // Node has taken its own listener off: without this one a peer that resets its connection ends the process.
  socket.on('error', () => {})
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
