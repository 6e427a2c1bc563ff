import { once } from 'node:events'
import { argv, stdin, stdout } from 'node:process'
import { migrateMysql } from '../storage/migrate.mysql.ts'

// A process of its own that migrates a database when it is told to.
const [url = '', component = '', folder = ''] = argv.slice(2)
stdout.write('ready\n')
await once(stdin, 'data')
await migrateMysql({ url, component, folder })
stdout.write('migrated\n')
stdin.destroy()
