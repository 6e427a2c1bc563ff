import { describeEnv, type Environment } from '../platform/config/env.ts'
import { explainListenError } from '../platform/config/start-error.ts'
import type { Service } from '../platform/lifecycle/resources.ts'
import { warnOfNames } from '../platform/lifecycle/run-process.ts'
import { addressesOf } from './addresses.ts'
import { banner } from './banner.ts'
import { readConfig, variables } from './config.ts'
import { demoUsers } from './demo/demo-users.ts'
import { embeddedAdapters } from './engine.ts'
import { explainUnwritable, unwritable } from './folders/data-dir.ts'
import { startNetwork } from './network.ts'
import { buildWebClient } from './web-build.ts'

export const help = `Starts Parley: gateway, auth, profile and chat in one process, on the embedded engine.

  npm start
  npm start -- --help

Set in the environment [default]:
${describeEnv(variables)}
`

/** Starts everything and tells where it is. */
export async function start(environment: Environment, say: (line: string) => void): Promise<Service> {
  const { host, port, dataDir, logLevel, secureCookies, ...gateway } = readConfig(environment)
  // Said at once, in case it does not start, and under the banner, where it is seen.
  const ignored = warnOfNames(environment, variables)
  const webRoot = await buildWebClient(say)
  const network = await startNetwork({
    host,
    port,
    dataDir,
    logLevel,
    gateway: { ...gateway, webRoot },
    auth: { secureCookies },
  }).catch((error) => {
    throw explainUnwritable(explainListenError(error, { HOST: host, PORT: String(port) }), dataDir)
  })
  try {
    const engine = [
      '  Engine: embedded, in this one process. It loses nothing on a crash; it does not spread over machines.',
      ...Object.entries(embeddedAdapters).map(([port, adapter]) => `    ${port.padEnd(14)}${adapter}`),
      `  Data            ${network.dataDir}`,
    ]
    const { here, elsewhere } = addressesOf(network.url, host)
    say(banner({ url: here, elsewhere, engine, users: await demoUsers(here, network.dataDir), ignored }))
  } catch (error) {
    const answer = await network.dataReady()
    await network.stop().catch(() => {})
    throw typeof answer === 'object' ? unwritable(answer.reason, dataDir) : explainUnwritable(error, dataDir)
  }
  return {
    url: network.url,
    stopsWithin: network.stopsWithin,
    async stop() {
      await network.stop()
      say('Parley has stopped. What was acknowledged is stored.')
    },
  }
}
