/**
 * Brings a payload to every process that listens to a channel right now.
 *
 * - At most once: what is published while nobody listens, or while the connection is away, is gone.
 * - In order for one publisher and one channel.
 * - A listener that throws does not keep the others from hearing.
 * - A connection that is lost comes back by itself, with every channel that still has a listener. Nothing has to be called again.
 */
export interface Broadcast {
  /**
   * Throws `UNAVAILABLE` while the connection is away: at once, or within two seconds while nobody has noticed yet. In the second
   * case the payload may have been heard.
   */
  publish(channel: string, payload: string): Promise<void>
  /**
   * Resolves once the listener is sure to hear what is published from then on. While the connection is away it resolves too, and
   * hears once `onConnection` tells `true`. It never throws for that, nor waits longer than two seconds. Gives what ends it.
   */
  subscribe(channel: string, listener: (payload: string) => void): Promise<() => Promise<void>>
  /**
   * Calls the listener with `false` when the connection is lost (payloads may have been missed), and with `true` when every channel
   * is heard again: what is compared after that misses nothing. One that comes while the connection is away is soon told `false`.
   * Gives what ends it.
   */
  onConnection(listener: (connected: boolean) => void): () => void
  close(): Promise<void>
}
