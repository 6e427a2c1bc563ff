import { spawn } from 'node:child_process'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { composeLogs } from './docker.ts'
import { install } from './install.ts'
import { serverNames } from './server.ts'
import { down, status, up } from './stack.ts'
import { readState, StackProblem, stackFolder } from './state.ts'

const help = `The servers that Parley works on, on this machine: MySQL, MongoDB, Redis and Kafka.

  npm run stack -- up            starts what does not run yet and prints the URLs
  npm run stack -- status        says what answers; exits with 1 when something does not
  npm run stack -- logs [NAME]   the last lines of what they said; --follow goes on
  npm run stack -- down          stops what \`up\` started; --wipe removes the data too
  npm run stack -- install       installs what is missing, with apt and Maven

For each server, in this order: what MYSQL_URL, MONGODB_URL, REDIS_URL or KAFKA_URL points to; a container, where a Docker
engine answers; what is installed here. Data and logs: STACK_DIR [data/stack]
`
const say = (line: string) => void process.stdout.write(`${line}\n`)

const options = {
  help: { type: 'boolean', short: 'h' },
  wipe: { type: 'boolean' },
  follow: { type: 'boolean', short: 'f' },
} as const

async function run(): Promise<void> {
  const { values, positionals } = parse()
  const [command, name] = positionals
  if (values.help) return say(help)
  switch (command) {
    case 'up': {
      const urls = await up(process.env, say)
      say(
        `\n${Object.entries(urls)
          .map(([variable, url]) => `export ${variable}='${url}'`)
          .join('\n')}`,
      )
      return
    }
    case 'down':
      return down({ wipeData: values.wipe ?? false, say })
    case 'status':
      if (!(await status(process.env, say))) process.exitCode = 1
      return
    case 'logs':
      return logs(name, values.follow ?? false)
    case 'install':
      return install(say)
    default:
      process.stderr.write(help)
      process.exitCode = 1
  }
}

function parse() {
  try {
    return parseArgs({ allowPositionals: true, options })
  } catch (error) {
    throw new StackProblem(`${error instanceof Error ? error.message : error}\n\n${help}`)
  }
}

function logs(only: string | undefined, follow: boolean): void {
  const state = readState()
  if (Object.values(state).some(({ how }) => how === 'docker')) {
    composeLogs(follow, only)
    return
  }
  const files = serverNames.flatMap((each) => (only === undefined || only === each ? (state[each]?.log ?? []) : []))
  if (files.length === 0) throw new StackProblem(`There is no log${only ? ` of ${only}` : ''} in ${stackFolder}`)
  spawn('tail', ['-n', '40', ...(follow ? ['-F'] : []), ...files], { stdio: 'inherit' })
}

await run().catch((error: Error) => {
  process.stderr.write(`${error instanceof StackProblem ? error.message : error.stack}\n`)
  process.exitCode = 1
})
