import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The answers that each connection of an HTTP server waits for: those being made, and those that its client has not taken. */
export interface Answers {
  /** Counts one more. Returns false when the connection is closed, or waits for as many as it may: the request must not run. */
  begin(socket: Socket, response: ServerResponse): boolean
  /** How many bytes were written that the client of a connection has not taken. */
  unread(socket: Socket): number
}

export function createAnswers(mostOfConnection: number): Answers {
  const answers = new WeakMap<Socket, Set<ServerResponse>>()
  return {
    begin(socket, response) {
      const ofSocket = answers.get(socket) ?? new Set()
      // What Node has read of a connection goes on to arrive after it was destroyed.
      if (socket.destroyed || ofSocket.size >= mostOfConnection) return false
      answers.set(socket, ofSocket.add(response))
      response.once('close', () => void ofSocket.delete(response))
      return true
    },
    unread(socket) {
      let bytes = 0
      for (const { writableLength } of answers.get(socket) ?? []) bytes += writableLength
      // That of the first answer has what waits in the connection, too.
      return Math.max(bytes, socket.writableLength)
    },
  }
}
