import { join } from 'node:path'
import { newSecrets } from '../../dev/processes/secrets.ts'
import { startSystemProcesses } from '../../dev/processes/system-processes.ts'
import { down, up, urls } from '../../dev/stack/stack.ts'
import type { Resources } from '../../platform/lifecycle/resources.ts'
import { makePlace, type ServerPlace } from '../../tests/servers/place.ts'
import { ownOnceOpen } from '../harness/own-once-open.ts'
import { startChild } from './child.ts'
import type { Network } from './network.ts'
import { temporaryFolder } from './parley.ts'
import { unlimitedVariables } from './parley-settings.ts'

/** The whole of Parley in one process, as `npm start` has it. Gives where it is. */
export async function startEmbedded(resources: Resources): Promise<string> {
  const folder = await temporaryFolder(resources)
  const { url } = await resources.own(startChild<Network>('network')).ask('start', join(folder, 'network'))
  return url
}

/** A place on the servers of the stack, which is started when it does not run. */
export async function openPlace(resources: Resources, say: (line: string) => void): Promise<ServerPlace> {
  if (Object.keys(await urls()).length < 4) resources.onClose(() => down({ wipeData: false, say }))
  const servers = await ownOnceOpen(resources, up(process.env, say), async () => {})
  const making = makePlace((server) => servers[`${server.toUpperCase()}_URL`])
  return ownOnceOpen(resources, making, (place) => place.remove())
}

/** Parley as separate processes on the servers, two of each that clients or events go through. */
export async function startOnServers(resources: Resources, place: ServerPlace) {
  const starting = startSystemProcesses({
    servers: place.variables,
    secrets: newSecrets(),
    environment: { all: unlimitedVariables },
  })
  const system = await ownOnceOpen(resources, starting, ({ stop }) => stop())
  return { ...system, urls: system.processes.gateway.map(({ url }) => url) }
}
