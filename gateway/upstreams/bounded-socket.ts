import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type ClientOptions, WebSocket } from 'ws'

/** The longest that a closing may take, in milliseconds: a peer that does not answer a close, or leaves TCP open after it, is cut off. */
export const longestClose = 1_000
const maxMessageBytes = 32_000_000

/** Notices when the other side of an open socket is gone. */
export interface SocketWatch {
  /** It was asked for a sign of life: whatever comes is one. */
  expectLife(): void
  isAlive(): void
}

/** A WebSocket that waits for nothing longer than its heartbeat. */
export interface BoundedSocket extends WebSocket {
  /** The connection is open. `onSilence` is called when an expected sign of life has not come. */
  acknowledged(onSilence: () => void): SocketWatch
}

export interface BoundedSocketOptions {
  /** In milliseconds. */
  heartbeat: number
  /** Of the upgrade request. */
  headers(): Record<string, string>
  /** Called with the answer to an upgrade that was refused. */
  onRefused(response: IncomingMessage): void
}

/**
 * WebSockets that are cut off when they have not been acknowledged within the heartbeat, when nothing has come for half of it after a ping,
 * and when a close takes longer than a second. Bytes count as life: a pong may stand behind a large message on a slow line.
 */
export const boundedSocket = ({ heartbeat, headers, onRefused }: BoundedSocketOptions) =>
  class extends WebSocket implements BoundedSocket {
    #opening = setTimeout(() => this.terminate(), heartbeat)
    #connection: Socket | undefined
    #silence: NodeJS.Timeout | undefined

    constructor(address: string, protocols: string) {
      const closeTimeout = Math.min(longestClose, heartbeat)
      super(address, protocols, {
        headers: headers(),
        perMessageDeflate: false,
        closeTimeout,
        maxPayload: maxMessageBytes,
      } as ClientOptions)
      this.once('upgrade', ({ socket }) => {
        this.#connection = socket
      })
      this.once('unexpected-response', (_, response) => {
        onRefused(response)
        this.terminate()
      })
      this.once('close', () => {
        clearTimeout(this.#opening)
        clearTimeout(this.#silence)
      })
    }

    acknowledged(onSilence: () => void): SocketWatch {
      clearTimeout(this.#opening)
      const expectLife = () => {
        const before = this.#connection?.bytesRead
        clearTimeout(this.#silence)
        this.#silence = setTimeout(() => {
          // What came while this process itself was paused is read first.
          setImmediate(() => {
            if (this.readyState === WebSocket.CLOSED) return
            if (this.#connection?.bytesRead === before) onSilence()
            else expectLife()
          })
        }, heartbeat / 2)
      }
      return { expectLife, isAlive: () => clearTimeout(this.#silence) }
    }
  }
