import process from 'node:process'
import { runProcess } from '../../platform/lifecycle/run-process.ts'
import { variables } from './config.ts'
import { migrate, startProfileProcess } from './process.ts'

await runProcess(
  {
    name: 'profile',
    about: 'the profile subgraph: what users show of themselves',
    variables,
    start: startProfileProcess,
    tasks: { migrate: { about: 'brings its tables in MySQL up to date; needs MYSQL_URL only', run: migrate } },
  },
  process.argv.slice(2),
  process.env,
)
