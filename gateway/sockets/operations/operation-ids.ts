import { MessageType } from 'graphql-ws'

/** Where the events of an operation go. */
interface ClosableSink {
  /** Writes nothing from now on. */
  close(): void
}

/**
 * The ids of the operations of one socket. A client may use an id again as soon as it has completed the operation before, and graphql-ws
 * would confuse the two while the first one ends. So graphql-ws sees an id that is never used again, and the client sees its own.
 * A class, because there is one for each socket.
 */
export class OperationIds {
  /** The ids that graphql-ws knows, by those of the client. */
  readonly #ids = new Map<string, string>()
  /** By the ids that graphql-ws knows. */
  readonly #operations = new Map<string, { clientId: string; sink?: ClosableSink }>()
  #count = 0

  /** Begins an operation of the client. Returns its id for graphql-ws; undefined when the client's id is taken. */
  begin(clientId: string): string | undefined {
    if (this.#ids.has(clientId)) return undefined
    this.#count += 1
    const id = String(this.#count)
    this.#ids.set(clientId, id)
    this.#operations.set(id, { clientId })
    return id
  }

  /** The client's id of an operation that the client has not completed. */
  clientIdOf(id: string): string | undefined {
    return this.#operations.get(id)?.clientId
  }

  /** Closes the sink as soon as nothing may be written for the operation any more. */
  setSink(id: string, sink: ClosableSink): void {
    const operation = this.#operations.get(id)
    if (operation) operation.sink = sink
    else sink.close()
  }

  /** The client has completed the operation: its id is free, and nothing is written for it from now on. Returns the id for graphql-ws. */
  complete(clientId: string): string | undefined {
    const id = this.#ids.get(clientId)
    if (id !== undefined) this.#forget(id)
    return id
  }

  /** The message of graphql-ws with the client's id; undefined when the client has completed the operation. */
  outgoing(text: string): string | undefined {
    const [head, id, type] = ownHead.exec(text) ?? []
    if (head === undefined || id === undefined) return text
    const clientId = this.clientIdOf(id)
    if (clientId === undefined) return undefined
    if (type === MessageType.Complete || type === MessageType.Error) this.#forget(id)
    return `{"id":${JSON.stringify(clientId)},"type":"${type}"${text.slice(head.length)}`
  }

  #forget(id: string) {
    const operation = this.#operations.get(id)
    if (!operation) return
    operation.sink?.close()
    this.#operations.delete(id)
    this.#ids.delete(operation.clientId)
  }
}

/** How graphql-ws begins each message of an operation. */
const ownHead = /^\{"id":"(\d+)","type":"(\w+)"/
