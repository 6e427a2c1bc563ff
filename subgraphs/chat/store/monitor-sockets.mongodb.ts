import type { Socket } from 'node:net'
import type { MongoClient } from 'mongodb'

/** What is read of the driver's own state. */
interface Monitored {
  topology?: {
    s: { servers: Map<string, { monitor: { connection: { socket: Socket; destroy(): void } | null } | null }> }
  }
}

/**
 * Lets no monitor of the driver ask on a socket that has ended. mongodb 7.9 needs that: when a server ends all its connections at once,
 * a monitor may write to its own before that is told as closed, waits for room in it, and hears of nothing any more. The server stays
 * unknown to this process for ever. (A server that streams its state is not asked that way; MongoDB itself does since 4.4.)
 */
export function replaceEndedMonitorSockets(client: MongoClient): void {
  // Emitted right before the monitor decides whether it needs another connection.
  client.on('serverHeartbeatStarted', ({ connectionId: address }) => {
    const connection = (client as unknown as Monitored).topology?.s.servers.get(address)?.monitor?.connection
    if (connection && !connection.socket.writable) connection.destroy()
  })
}
