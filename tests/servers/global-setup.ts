import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Config } from '@jest/types'
import { localServers } from '../../dev/stack/local-servers.ts'
import { endOwned, type OwnedProcess } from '../../dev/stack/owned-process.ts'
import { serverNames } from '../../dev/stack/server.ts'
import { urls } from '../../dev/stack/stack.ts'
import { startServer } from '../../dev/stack/start-server.ts'
import { keepOwned } from './owned-servers.ts'

const say = (line: string) => void process.stderr.write(`${line}\n`)

/**
 * Finds the servers that suites can use, and says so in `TEST_…_URL`: what a URL in the environment points to; the stack, when it
 * runs; else servers of this run's own, unless only some paths are run.
 */
export default async function setUp({ testPathPatterns }: Config.GlobalConfig): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-servers-'))
  const processes: OwnedProcess[] = []
  keepOwned({ folder, processes })
  const running = await urls()
  const isWhole = testPathPatterns.patterns.length === 0 || Boolean(process.env.CI)
  const outcomes = await Promise.allSettled(
    serverNames.map(async (name) => {
      const { variable, title, found } = localServers[name]
      const target = `TEST_${variable}`
      const given = process.env[target] || process.env[variable] || running[variable]
      // Whatever a test starts must not take these for its own.
      delete process.env[variable]
      if (given) process.env[target] = given
      else if (isWhole && found() !== undefined) {
        const server = await startServer(localServers[name], folder)
        processes.push(server.process)
        process.env[target] = server.url
        say(`${title} for this test run: ${found()}`)
      }
    }),
  )
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (!failed) return
  // Jest does not tear down what it could not set up.
  await Promise.all(processes.map((each) => endOwned(each)))
  throw failed.reason
}
