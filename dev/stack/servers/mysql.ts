import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { makeDatabase } from '../answers/answers.mysql.ts'
import { findProgram, runProgram, versionOf } from '../programs.ts'
import type { LocalServer } from '../server.ts'

const program = () => findProgram('mariadbd', 'mysqld')
const isMariadb = (path: string) => versionOf(path).includes('MariaDB')

export const mysql: LocalServer = {
  name: 'mysql',
  title: 'MySQL',
  variable: 'MYSQL_URL',
  found: () => {
    const path = program()
    return path && versionOf(path)
  },
  async prepare({ folder, port }) {
    const path = program()
    if (!path) throw new Error('There is no mariadbd or mysqld')
    const data = join(folder, 'data')
    // As root a server only runs when it is told so.
    const user = process.getuid?.() === 0 ? ['--user=root'] : []
    if (!existsSync(join(data, 'mysql'))) {
      mkdirSync(folder, { recursive: true })
      if (isMariadb(path)) {
        const installer = findProgram('mariadb-install-db', 'mysql_install_db')
        if (!installer) throw new Error('There is no mariadb-install-db beside mariadbd')
        runProgram(installer, [
          '--no-defaults',
          `--datadir=${data}`,
          '--auth-root-authentication-method=normal',
          '--skip-test-db',
          ...user,
        ])
      } else runProgram(path, ['--no-defaults', '--initialize-insecure', `--datadir=${data}`, ...user])
    }
    // A socket's path has at most some hundred characters: relative to the folder it always fits.
    const args = [
      '--no-defaults',
      `--datadir=${data}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--socket=mysql.sock',
    ]
    return { program: path, args: [...args, `--pid-file=${join(folder, 'pid')}`, ...user] }
  },
  url: (port) => `mysql://root@127.0.0.1:${port}/parley`,
  answers: makeDatabase,
}
