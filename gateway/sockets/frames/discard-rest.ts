import type { Socket } from 'node:net'

/** How long nothing may come until the peer is taken to send no more, in milliseconds. */
const quietTime = 100
/** How long it is read at most, in milliseconds. */
const longest = 1_000

/**
 * Reads what a WebSocket that was closed for a flood still sends, and throws it away unparsed. Then it ends this side of the connection.
 * A connection that is closed while bytes of it are unread is reset, and a reset takes the close frame from a peer that has not read
 * it yet. `ws` cuts the connection when the peer does not end its side in time either.
 */
export function discardRest(tcp: Socket): void {
  // The parser of ws, which would take each of these frames apart.
  tcp.removeAllListeners('data')
  const stop = () => {
    clearTimeout(quiet)
    clearTimeout(latest)
    tcp.off('data', onData)
  }
  const end = () => {
    stop()
    tcp.end()
    // Without a listener the bytes are read and dropped.
    tcp.resume()
  }
  const quiet = setTimeout(end, quietTime)
  const latest = setTimeout(end, longest)
  const onData = () => void quiet.refresh()
  tcp.on('data', onData)
  tcp.once('close', stop)
  tcp.resume()
}
