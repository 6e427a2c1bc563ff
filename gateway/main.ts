import process from 'node:process'
import { runProcess } from '../platform/lifecycle/run-process.ts'
import { startGatewayProcess } from './process.ts'
import { variables } from './process-config.ts'

await runProcess(
  { name: 'gateway', about: 'the graph, over HTTP and WebSocket', variables, start: startGatewayProcess },
  process.argv.slice(2),
  process.env,
)
