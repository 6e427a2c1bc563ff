import { mkdirSync } from 'node:fs'
import { pingRedis } from '../answers/answers.redis.ts'
import { findProgram, versionOf } from '../programs.ts'
import type { LocalServer } from '../server.ts'

const program = () => findProgram('redis-server', 'valkey-server')

export const redis: LocalServer = {
  name: 'redis',
  title: 'Redis',
  variable: 'REDIS_URL',
  found: () => {
    const path = program()
    return path && versionOf(path)
  },
  async prepare({ folder, port }) {
    const path = program()
    if (!path) throw new Error('There is no redis-server')
    mkdirSync(folder, { recursive: true })
    // What is in it is made anew when it is lost: nothing has to be written.
    const options = { port, bind: '127.0.0.1', dir: folder, save: '', appendonly: 'no' }
    return { program: path, args: Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]) }
  },
  url: (port) => `redis://127.0.0.1:${port}`,
  answers: pingRedis,
}
