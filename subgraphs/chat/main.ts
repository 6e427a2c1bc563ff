import process from 'node:process'
import { runProcess } from '../../platform/lifecycle/run-process.ts'
import { variables } from './config.ts'
import { startChatProcess } from './process.ts'

await runProcess(
  { name: 'chat', about: 'the chat subgraph: rooms, messages, live feeds', variables, start: startChatProcess },
  process.argv.slice(2),
  process.env,
)
