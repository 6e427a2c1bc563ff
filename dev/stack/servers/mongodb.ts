import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pingMongodb } from '../answers/answers.mongodb.ts'
import { findProgram, versionOf } from '../programs.ts'
import type { LocalServer } from '../server.ts'
import { classPath, findJar, javaFolder } from './jars.ts'

const mongod = () => findProgram('mongod')

/** `mongod`, where there is one; else a stand-in that speaks its protocol (docs/operations.md says what that does not show). */
export const mongodb: LocalServer = {
  name: 'mongodb',
  title: 'MongoDB',
  variable: 'MONGODB_URL',
  found: () => {
    const path = mongod()
    if (path) return versionOf(path)
    const jar = findJar('mongo-java-server-core')
    return jar && `stand-in for mongod: ${jar}`
  },
  async prepare({ folder, port }) {
    mkdirSync(folder, { recursive: true })
    const path = mongod()
    if (path) return { program: path, args: ['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1'] }
    const source = join(javaFolder, 'MongoStandIn.java')
    return { program: 'java', args: ['-Xmx512m', '-cp', classPath, source, join(folder, 'data.mv'), String(port)] }
  },
  url: (port) => `mongodb://127.0.0.1:${port}/parley`,
  answers: pingMongodb,
}
