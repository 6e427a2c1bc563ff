import { within } from '../../platform/lifecycle/within.ts'
import { composeDown, composeUp, dockerEngine } from './docker.ts'
import { installHint } from './install.ts'
import { localServers } from './local-servers.ts'
import { endOwned, isRunning } from './owned-process.ts'
import { type ServerName, serverNames } from './server.ts'
import { type StartedServer, startServer } from './start-server.ts'
import {
  readState,
  StackProblem,
  type StackServer,
  type StackState,
  stackFolder,
  wipe,
  withStackFolder,
  writeState,
} from './state.ts'

type Say = (line: string) => void
type Environment = Record<string, string | undefined>

/**
 * Brings all four servers up: what a URL in the environment points to, else containers where a Docker engine answers, else what is
 * installed here. What runs already is left alone. Gives their URLs by the name of their variable.
 */
export const up = (environment: Environment, say: Say): Promise<Record<string, string>> =>
  withStackFolder(() => upAlone(environment, say))

async function upAlone(environment: Environment, say: Say): Promise<Record<string, string>> {
  const state = readState()
  const given = givenBy(environment, state)
  await Promise.all(Object.entries(given).map(([name, server]) => checkGiven(name as ServerName, server, say)))
  const rest: ServerName[] = []
  for (const name of serverNames) {
    if (given[name]) continue
    if (await isUp(name, state[name])) say(line(name, state[name], 'runs already'))
    else rest.push(name)
  }
  const docker = rest.length > 0 ? dockerEngine() : undefined
  if (docker) {
    say(`Docker ${docker}: starting ${rest.join(', ')} …`)
    for (const [name, url] of await composeUp(rest)) state[name] = { how: 'docker', url }
    writeState(state)
  } else await startHere(rest, state, say)
  return toUrls({ ...state, ...given })
}

/** Stops exactly what `up` started; the data stays, unless it is to be wiped. */
export const down = (options: { wipeData: boolean; say: Say }): Promise<void> =>
  withStackFolder(() => downAlone(options))

async function downAlone({ wipeData, say }: { wipeData: boolean; say: Say }): Promise<void> {
  const state = readState()
  if (Object.values(state).some(({ how }) => how === 'docker')) composeDown(wipeData)
  for (const name of serverNames.toReversed()) {
    const server = state[name]
    if (!server) continue
    if (server.process) await endOwned(server.process)
    if (server.process || server.how === 'docker') say(line(name, undefined, 'stopped'))
    // Where it ran is kept: clients find it there after the next start.
    if (server.port) state[name] = { how: 'process', url: server.url, port: server.port, log: server.log }
    else delete state[name]
  }
  if (wipeData) wipe()
  else writeState(state)
}

/** Each server with whether it answers right now. Gives whether all of them do. */
export async function status(environment: Environment, say: Say): Promise<boolean> {
  const known: StackState = { ...readState(), ...givenBy(environment, readState()) }
  const answering = await Promise.all(
    serverNames.map(async (name) => {
      const server = known[name]
      const isThere = server !== undefined && (server.how !== 'process' || isAlive(server))
      const answers = isThere && (await answersNow(name, server.url))
      say(line(name, server, answers ? 'answers' : isThere ? 'does not answer' : 'is not running'))
      return answers
    }),
  )
  return answering.every(Boolean)
}

/** The URLs of the servers that `up` started and that run, by the name of their variable. */
export async function urls(): Promise<Record<string, string>> {
  const state = readState()
  const running = await Promise.all(serverNames.map(async (name) => ((await isUp(name, state[name])) ? name : [])))
  return toUrls(Object.fromEntries(running.flat().map((name) => [name, state[name]])))
}

const toUrls = (servers: StackState): Record<string, string> =>
  Object.fromEntries(Object.entries(servers).map(([name, { url }]) => [localServers[name as ServerName].variable, url]))

/** What the environment points to. The URL of a server of this stack, as `up` prints it, is no other server: it may have to be started. */
const givenBy = (environment: Environment, state: StackState): StackState =>
  Object.fromEntries(
    serverNames.flatMap((name) => {
      const url = environment[localServers[name].variable]
      return url && url !== state[name]?.url ? [[name, { how: 'given', url }]] : []
    }),
  )

const isAlive = ({ process }: StackServer) => process !== undefined && isRunning(process)

/** A process of ours is up while it runs; a container has to be asked. */
const isUp = async (name: ServerName, server: StackServer | undefined) =>
  server !== undefined && (server.how === 'process' ? isAlive(server) : await answersNow(name, server.url))

async function checkGiven(name: ServerName, server: StackServer, say: Say): Promise<void> {
  const { variable, title, answers } = localServers[name]
  await within(10_000, answers(server.url), 'no answer').catch((cause) => {
    const advice = `start it, or unset ${variable} to use the ${title} of this stack`
    throw new StackProblem(`${title} does not answer where ${variable} says it is: ${advice}`, { cause })
  })
  say(line(name, server, 'answers'))
}

async function startHere(names: ServerName[], state: StackState, say: Say): Promise<void> {
  const missing = names.filter((name) => localServers[name].found() === undefined)
  if (missing.length > 0) throw new StackProblem(installHint(missing))
  for (const name of names) say(`  ${localServers[name].title.padEnd(8)} starting ${localServers[name].found()} …`)
  const outcomes = await Promise.allSettled(
    names.map(async (name) => {
      const began = performance.now()
      // Known from its first moment: an `up` that is interrupted must not leave a server behind that nobody stops.
      const onStarted = (started: StartedServer) => {
        state[name] = { how: 'process', ...started }
        writeState(state)
      }
      await startServer(localServers[name], stackFolder, { port: state[name]?.port }, onStarted)
      say(line(name, state[name], `ready after ${((performance.now() - began) / 1000).toFixed(1)} s`))
    }),
  )
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) throw failed.reason
}

const answersNow = (name: ServerName, url: string) =>
  within(5_000, localServers[name].answers(url), 'no answer').then(
    () => true,
    () => false,
  )

function line(name: ServerName, server: StackServer | undefined, what: string): string {
  const where = server ? `: ${server.url.replace(/:[^:@/]+@/, ':…@')}` : ''
  return `  ${localServers[name].title.padEnd(8)} ${what}${where}${server?.how === 'docker' ? ' (container)' : ''}`
}
