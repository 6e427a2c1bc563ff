import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localServers } from '../../dev/stack/local-servers.ts'
import { endOwned, type OwnedProcess, signal } from '../../dev/stack/owned-process.ts'
import { freePort } from '../../dev/stack/programs.ts'
import { type ServerName, serverNames } from '../../dev/stack/server.ts'
import { startServer } from '../../dev/stack/start-server.ts'
import { startTcpProxy, type TcpProxy } from '../../platform/testing/tcp-proxy.ts'

/** Ways for a server to be away. Each ends with the server back where it was. */
export const outages = ['killed', 'stopped', 'cut off'] as const
export type Outage = (typeof outages)[number]

/** Servers of a test's own, each behind a proxy, to be taken away and brought back. */
export interface OwnServers {
  url(name: ServerName): string
  /** Takes the server away: SIGKILL, SIGSTOP, or its connections cut and refused. Gives what brings it back. */
  takeAway(name: ServerName, how: Outage): Promise<() => Promise<void>>
  /** Copies the server's folder as it is at one moment. Returns a function that ends the server and starts it on that copy. */
  backUp(name: ServerName): Promise<() => Promise<void>>
  stop(): Promise<void>
}

/** The names of those that are not installed here. */
export const missingServers = () => serverNames.filter((name) => localServers[name].found() === undefined)

export async function startOwnServers(): Promise<OwnServers> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-failures-'))
  const running = new Map<ServerName, { process: OwnedProcess; port: number; proxy: TcpProxy }>()
  const of = (name: ServerName) => {
    const found = running.get(name)
    if (!found) throw new Error(`${name} was not started`)
    return found
  }
  const start = async (name: ServerName, port: number, proxy: TcpProxy) => {
    const started = await startServer(localServers[name], folder, { port, advertisedPort: proxy.port })
    running.set(name, { process: started.process, port, proxy })
  }
  const stop = async () => {
    for (const { proxy } of running.values()) await proxy.close()
    await Promise.all([...running.values()].map(({ process }) => endOwned(process)))
    await rm(folder, { recursive: true, force: true })
  }
  const starting = serverNames.map(async (name) => {
    const port = await freePort()
    await start(name, port, await startTcpProxy(localServers[name].url(port)))
  })
  // All of them: one that still starts when another fails would stay.
  const failed = (await Promise.allSettled(starting)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') {
    await stop()
    throw failed.reason
  }
  return {
    url: (name) => of(name).proxy.url,
    async takeAway(name, how) {
      const { process, port, proxy } = of(name)
      switch (how) {
        case 'killed':
          signal(process, 'SIGKILL')
          return () => start(name, port, proxy)
        case 'stopped':
          signal(process, 'SIGSTOP')
          return async () => signal(process, 'SIGCONT')
        case 'cut off':
          proxy.refuse()
          proxy.cut()
          return () => proxy.accept()
      }
    },
    async backUp(name) {
      const [data, copy] = [join(folder, name), join(folder, `${name}-copy`)]
      const replace = async (target: string, source: string) => {
        await rm(target, { recursive: true, force: true })
        await cp(source, target, { recursive: true })
      }
      const { process, port, proxy } = of(name)
      // As a snapshot of its volume is: what it has acknowledged is in its files, whenever it is interrupted.
      signal(process, 'SIGSTOP')
      await replace(copy, data).finally(() => signal(process, 'SIGCONT'))
      return async () => {
        await endOwned(of(name).process)
        await replace(data, copy)
        await start(name, port, proxy)
      }
    },
    stop,
  }
}
