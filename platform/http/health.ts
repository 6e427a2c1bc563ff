import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../metrics/metrics.ts'

/** Says what is missing, by name, before this process can serve; empty when it is ready. It is known already: nothing is asked. */
export type Readiness = () => string[]

/** `/health/live`: the process answers. `/health/ready`: it should be sent work; 503 names what does not. */
export function addHealth(app: FastifyInstance, ready: Readiness): void {
  app.get('/health/live', async () => ({ status: 'live' }))
  app.get('/health/ready', async (_, reply) => {
    const missing = ready()
    if (missing.length === 0) return { status: 'ready' }
    return reply.code(503).send({ status: 'not ready', missing })
  })
}

/** `/metrics`: what the process counts, for Prometheus. */
export function addMetrics(app: FastifyInstance, metrics: Metrics): void {
  app.get('/metrics', async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()))
}
