import type { Writable } from 'node:stream'

/**
 * Holds back what is written to a stream until the turn of the event loop is over, so that all of it leaves in one write: a system
 * call for each frame is what costs most when many events go to many sockets.
 */
export function createOneWrite(): (stream: Writable) => void {
  let corked: Writable[] = []
  const uncork = () => {
    const streams = corked
    corked = []
    for (const stream of streams) stream.uncork()
  }
  return (stream) => {
    if (stream.writableCorked > 0) return
    stream.cork()
    if (corked.push(stream) === 1) setImmediate(uncork)
  }
}
