import { parseArgs } from 'node:util'
import { run } from '../platform/lifecycle/run.ts'
import { help, start } from './start.ts'

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } })
if (values.help) process.stdout.write(help)
else await run(() => start(process.env, (line) => process.stdout.write(`${line}\n`)))
