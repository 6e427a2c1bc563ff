import process from 'node:process'
import { runProcess } from '../../../platform/lifecycle/run-process.ts'
import { startFanOutProcess, variables } from './process.ts'

await runProcess(
  {
    name: 'fan-out',
    about: 'spreads room events from Kafka to the chat nodes that have listeners',
    variables,
    start: startFanOutProcess,
  },
  process.argv.slice(2),
  process.env,
)
