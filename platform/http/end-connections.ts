import type { FastifyInstance } from 'fastify'

/** Answers that go out while the server closes end their connection: one that is kept alive would hold the server open. */
export function endConnectionsOnClose(app: FastifyInstance): void {
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onSend', async (_, reply) => {
    if (closing) reply.header('connection', 'close')
  })
}
