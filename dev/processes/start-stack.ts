import { join } from 'node:path'
import { styleText } from 'node:util'
import { type Environment, readEnv } from '../../platform/config/env.ts'
import { integer, text } from '../../platform/config/variable-kinds.ts'
import { createResources, type Service } from '../../platform/lifecycle/resources.ts'
import { warnOfNames } from '../../platform/lifecycle/run-process.ts'
import { banner } from '../banner.ts'
import { demoUsers } from '../demo/demo-users.ts'
import { down, up, urls } from '../stack/stack.ts'
import { stackFolder } from '../stack/state.ts'
import { buildWebClient } from '../web-build.ts'
import { keptSecrets } from './secrets.ts'
import { processNames, startSystemProcesses } from './system-processes.ts'

export const variables = {
  PORT: integer('port of the first gateway; the second has the next one', 4000, 1, 65_534),
  ALLOWED_ORIGINS: text(
    'origins of web pages that may call it besides its own; pages at loopback addresses may anyhow',
    '',
  ),
  STACK_DIR: text('folder of the servers and their data', 'data/stack'),
}

const colours = ['cyan', 'magenta', 'yellow', 'green', 'blue'] as const

/**
 * Starts the servers that do not run yet, then every process of Parley on them: two gateways, two chats, two fan-outs, one auth, one
 * profile. Stopping ends the processes, and the servers when none of them ran before.
 */
export async function startStack(environment: Environment, say: (line: string) => void): Promise<Service> {
  const { PORT, ALLOWED_ORIGINS } = readEnv(environment, variables)
  warnOfNames(environment, variables)
  const resources = createResources({ deadline: 60_000 })
  return resources.closeIfThrows(async () => {
    if (Object.keys(await urls()).length === 0) resources.onClose(() => down({ wipeData: false, say }))
    say('Servers')
    const servers = await up(environment, say)
    const webRoot = await buildWebClient(say)
    say('\nProcesses')
    const system = await startSystemProcesses({
      servers,
      secrets: keptSecrets(join(stackFolder, 'secrets.json')),
      ports: { gateway: [PORT, PORT + 1] },
      environment: { gateway: { WEB_ROOT: webRoot, ALLOWED_ORIGINS } },
      onLine: (process, line) => say(`${prefix(process)} ${line}`),
      onUnexpectedEnd: (process, code) => say(`${prefix(process)} ended with ${code}`),
    })
    resources.onClose(system.stop)
    const url = `http://127.0.0.1:${PORT}`
    say(
      banner({
        url,
        engine: [
          '  As separate processes on MySQL, MongoDB, Redis and Kafka.',
          `  The other gateway: http://127.0.0.1:${PORT + 1}/`,
        ],
        users: await demoUsers(url, stackFolder),
      }),
    )
    return { url, stop: resources.close }
  })
}

function prefix(process: string): string {
  const kind = processNames.findIndex((name) => process.startsWith(name))
  return styleText(colours[kind] ?? 'white', process.padEnd(10))
}
