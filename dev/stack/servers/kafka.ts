import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { askKafka } from '../answers/answers.kafka.ts'
import { freePort, runProgram } from '../programs.ts'
import type { LocalServer, Place } from '../server.ts'
import { classPath, findJar } from './jars.ts'

/** One node that is broker and controller (KRaft). */
const properties = ({ port, advertisedPort = port }: Place, data: string, controllerPort: number) => ({
  'process.roles': 'broker,controller',
  'node.id': 1,
  'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
  listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
  'advertised.listeners': `PLAINTEXT://127.0.0.1:${advertisedPort}`,
  'controller.listener.names': 'CONTROLLER',
  'log.dirs': data,
  'auto.create.topics.enable': false,
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  // A single developer's groups need not wait for more members.
  'group.initial.rebalance.delay.ms': 0,
})

export const kafka: LocalServer = {
  name: 'kafka',
  title: 'Kafka',
  variable: 'KAFKA_URL',
  found: () => findJar('kafka_2.13'),
  async prepare(place) {
    const { folder } = place
    const data = join(folder, 'data')
    const file = join(folder, 'server.properties')
    mkdirSync(folder, { recursive: true })
    const lines = Object.entries(properties(place, data, await freePort())).map(([name, value]) => `${name}=${value}`)
    writeFileSync(file, `${lines.join('\n')}\n`)
    if (!existsSync(join(data, 'meta.properties'))) {
      const tool = ['-cp', classPath, 'kafka.tools.StorageTool']
      const id = runProgram('java', [...tool, 'random-uuid']).trim()
      runProgram('java', [...tool, 'format', '-t', id, '-c', file])
    }
    return { program: 'java', args: ['-Xmx512m', '-cp', classPath, 'kafka.Kafka', file] }
  },
  url: (port) => `kafka://127.0.0.1:${port}`,
  answers: askKafka,
}
