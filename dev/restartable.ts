import type { Service } from '../platform/lifecycle/resources.ts'

/** A service that can be stopped, and started again on the port that it had. */
export interface Restartable extends Service {
  start(): Promise<void>
}

/** Starts the service on a free loopback port. */
export async function createRestartable(
  open: (at: { host: string; port: number }) => Promise<Service>,
): Promise<Restartable> {
  const host = '127.0.0.1'
  let running: Service | undefined = await open({ host, port: 0 })
  const { url } = running
  const port = Number(new URL(url).port)
  return {
    url,
    async stop() {
      await running?.stop()
      running = undefined
    },
    async start() {
      running ??= await open({ host, port })
    },
  }
}
