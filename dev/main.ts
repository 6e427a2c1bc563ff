import { run } from '../platform/lifecycle/run.ts'
import { commandLine } from './command-line.ts'
import { help, start } from './start.ts'

const asked = commandLine(process.argv.slice(2))
if (asked === 'start') await run(() => start(process.env, (line) => process.stdout.write(`${line}\n`)))
else if (asked === 'help') process.stdout.write(help)
else {
  process.stderr.write(`${asked.problem}\n\n${help}`)
  process.exitCode = 1
}
