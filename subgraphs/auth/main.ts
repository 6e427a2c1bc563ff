import process from 'node:process'
import { runProcess } from '../../platform/lifecycle/run-process.ts'
import { variables } from './config.ts'
import { migrate, startAuthProcess } from './process.ts'

await runProcess(
  {
    name: 'auth',
    about: 'the auth subgraph: accounts, sessions, tokens',
    variables,
    start: startAuthProcess,
    tasks: { migrate: { about: 'brings its tables in MySQL up to date; needs MYSQL_URL only', run: migrate } },
  },
  process.argv.slice(2),
  process.env,
)
