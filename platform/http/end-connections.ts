import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

export interface EndConnectionsOptions {
  /** How long the rest of a request may take to come, in milliseconds, once the server closes. */
  requestPatience?: number
  /** How long an answer may take, its reading included. */
  answerPatience?: number
}

/**
 * Ends connections when the server closes: those that ask nothing at once, even if they never did, which Node itself would wait for; one
 * with a request after its answer, or when it takes too long. An upgraded one belongs to whoever upgraded it.
 */
export function endConnectionsOnClose(app: FastifyInstance, options: EndConnectionsOptions = {}): void {
  const { requestPatience = 2_000, answerPatience = 12_000 } = options
  const connections = new Map<Socket, Set<IncomingMessage>>()
  const timers: NodeJS.Timeout[] = []
  let closing = false

  const end = (isOver: (requests: Set<IncomingMessage>) => boolean) => {
    for (const [socket, requests] of connections) if (isOver(requests)) socket.destroy()
  }
  app.server.on('connection', (socket: Socket) => {
    if (closing) return socket.destroy()
    connections.set(socket, new Set())
    socket.once('close', () => connections.delete(socket))
  })
  app.server.on('request', (request: IncomingMessage, response) => {
    connections.get(request.socket)?.add(request)
    response.once('close', () => connections.get(request.socket)?.delete(request))
  })
  app.server.on('upgrade', (_, socket: Socket) => void connections.delete(socket))
  app.addHook('preClose', async () => {
    closing = true
    end((requests) => requests.size === 0)
    const later = (patience: number, isOver: Parameters<typeof end>[0]) =>
      timers.push(setTimeout(() => end(isOver), patience))
    later(requestPatience, (requests) => requests.values().every(({ complete }) => !complete))
    later(answerPatience, () => true)
  })
  app.server.once('close', () => {
    for (const timer of timers) clearTimeout(timer)
  })
  app.addHook('onSend', async (_, reply) => {
    if (closing) reply.header('connection', 'close')
  })
}
