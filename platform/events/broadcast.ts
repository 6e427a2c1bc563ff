/**
 * Brings a payload to every process that listens to a channel right now.
 *
 * - At most once: what is published while nobody listens, or while the connection is away, is gone.
 * - In order for one publisher and one channel.
 * - A listener that throws does not keep the others from hearing.
 */
export interface Broadcast {
  publish(channel: string, payload: string): Promise<void>
  /** Resolves once the listener is sure to hear what is published from then on. Gives what ends it. */
  subscribe(channel: string, listener: (payload: string) => void): Promise<() => Promise<void>>
  /** Calls the listener when the connection is lost and when it is back: payloads may have been missed. Gives what ends it. */
  onConnection(listener: (connected: boolean) => void): () => void
  close(): Promise<void>
}
