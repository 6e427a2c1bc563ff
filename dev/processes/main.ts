import process from 'node:process'
import { describeEnv } from '../../platform/config/env.ts'
import { run } from '../../platform/lifecycle/run.ts'
import { commandLine } from '../command-line.ts'
import { startStack, variables } from './start-stack.ts'

const help = `Starts Parley as separate processes on MySQL, MongoDB, Redis and Kafka (see \`npm run stack -- --help\`).

  npm run start:stack

Set in the environment [default]:
${describeEnv(variables)}
`
const asked = commandLine(process.argv.slice(2))
if (asked === 'start')
  // Its start is not given up halfway: that would leave behind the servers and processes that it has started.
  await run(() => startStack(process.env, (line) => process.stdout.write(`${line}\n`)), {
    grace: 60_000,
    startGrace: 120_000,
  })
else if (asked === 'help') process.stdout.write(help)
else {
  process.stderr.write(`${asked.problem}\n\n${help}`)
  process.exitCode = 1
}
