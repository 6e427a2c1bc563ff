import { MessageType, type WebSocket } from 'graphql-ws'
import { closeCodes } from '../../../schema/close-codes.ts'
import type { ClientSocket } from '../opened-socket.ts'
import type { OperationIds } from './operation-ids.ts'

export interface ProtocolSocketOptions {
  socket: ClientSocket
  ids: OperationIds
  /** Called with the operation that the client completes, before graphql-ws ends it. */
  onCompleted(id: string): void
}

/** A client's socket as graphql-ws sees it: with the ids that `OperationIds` gives. A class, because there is one for each socket. */
export class ProtocolSocket implements WebSocket {
  readonly protocol: string
  readonly #options: ProtocolSocketOptions

  constructor(options: ProtocolSocketOptions) {
    this.#options = options
    this.protocol = options.socket.protocol
  }

  send(text: string) {
    const { socket, ids } = this.#options
    const message = ids.outgoing(text)
    if (message !== undefined) socket.send(message)
  }

  close(code: number, reason: string) {
    this.#options.socket.close(code, reason)
  }

  onMessage(listener: (message: string) => Promise<void>) {
    const { socket, ids, onCompleted } = this.#options
    socket.onMessage(async (message) => {
      const operation = operationIn(message)
      if (operation?.type === MessageType.Subscribe) {
        const id = ids.begin(operation.id)
        if (id === undefined) {
          return socket.close(closeCodes.idInUse, 'The operation before under this id has not ended')
        }
        operation.id = id
      } else if (operation) {
        const id = ids.complete(operation.id)
        if (id === undefined) return
        operation.id = id
        onCompleted(id)
      }
      await listener(message)
    })
  }
}

/** The message, if it begins or ends an operation: `parseIncoming` has parsed it. */
function operationIn(message: unknown): { type: MessageType; id: string } | undefined {
  if (typeof message !== 'object' || message === null) return undefined
  const { type, id } = message as Record<string, unknown>
  const isOfOperation = type === MessageType.Subscribe || type === MessageType.Complete
  return isOfOperation && typeof id === 'string' && id !== ''
    ? (message as { type: MessageType; id: string })
    : undefined
}
