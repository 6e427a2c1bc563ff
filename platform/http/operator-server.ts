import { fastify } from 'fastify'
import type { Service } from '../lifecycle/resources.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { addHealth, addMetrics, type Readiness } from './health.ts'

export interface OperatorServerOptions {
  host: string
  port: number
  ready: Readiness
  metrics: Metrics
}

/** Health and metrics on a port of their own, for a process that serves nothing else there. */
export async function startOperatorServer({ host, port, ready, metrics }: OperatorServerOptions): Promise<Service> {
  const app = fastify({ forceCloseConnections: true })
  addHealth(app, ready)
  addMetrics(app, metrics)
  const url = await app.listen({ host, port })
  return { url, missing: ready, stop: () => app.close() }
}
