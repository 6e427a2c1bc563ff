import { randomUUID } from 'node:crypto'
import { startNetwork } from '../dev/network.ts'
import { integer } from '../platform/config/variable-kinds.ts'
import type { Resources } from '../platform/lifecycle/resources.ts'
import { signUp } from '../tests/clients.ts'
import { dearOperations, type Seed } from './cost/dear-operations.ts'
import { measureOne } from './cost/measure-one.ts'
import { runBenchmark } from './harness/benchmark.ts'
import { ownOnceOpen } from './harness/own-once-open.ts'
import { median } from './harness/statistics.ts'
import { temporaryFolder } from './processes/parley.ts'
import { unlimited } from './processes/parley-settings.ts'

const roomCount = 100
/** The rooms joined last, which a list begins with, are full of the longest texts; the others have short ones. */
const fullRooms = 40
const longText = '語'.repeat(4_000)

await runBenchmark({
  name: 'cost',
  about: `What the dearest operations that the limits allow take of this machine: gateway and subgraphs in one process, the client too.
Each text is new. Run it on an idle machine.`,
  options: { rounds: integer('times that each operation is asked', 7, 1) },
  async measure({ rounds }, { resources, say }) {
    say('Starting Parley, and filling rooms …')
    const { url, ann, rooms } = await startFilled(resources)
    const rows = []
    for (const [operation, textOf] of Object.entries(dearOperations)) {
      const taken: Awaited<ReturnType<typeof measureOne>>[] = []
      for (let round = 0; round < rounds; round += 1) {
        const seed: Seed = { rooms, userId: ann.userId, unique: `x${randomUUID().slice(0, 8)}` }
        taken.push(await measureOne(url, ann, textOf(seed)))
      }
      const of = (name: 'cpu' | 'memory') => taken.map((each) => each[name])
      rows.push({
        operation,
        'CPU ms, median': median(of('cpu')),
        'CPU ms, most': Math.max(...of('cpu')),
        'memory MB, most': Math.max(...of('memory')) / 1e6,
        'response kB': (taken.at(-1)?.bytes ?? 0) / 1e3,
        refused: taken.at(-1)?.refused ?? '',
      })
    }
    return { tables: [{ title: 'What one operation takes', rows }], figures: { rows } }
  },
})

async function startFilled(resources: Resources) {
  const { pointsPerMinute, auth } = unlimited
  const start = async () =>
    startNetwork({ dataDir: await temporaryFolder(resources), logLevel: 'warn', gateway: { pointsPerMinute }, auth })
  const { url } = await ownOnceOpen(resources, start(), ({ stop }) => stop())
  const ann = await signUp(url, 'Ann')
  const rooms: string[] = []
  const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { duplicate } }'
  for (let index = 0; index < roomCount; index += 1) {
    const create = `mutation { createRoom(input: { kind: PUBLIC, name: "Room ${index}" }) { id } }`
    const { createRoom: room } = await ann.do<{ createRoom: { id: string } }>(create)
    rooms.push(room.id)
    const isFull = index >= roomCount - fullRooms
    const sends = Array.from({ length: isFull ? 100 : 20 }, () => ({
      roomId: room.id,
      text: isFull ? longText : 'a short one',
      clientMessageId: randomUUID(),
    }))
    await Promise.all(sends.map((input) => ann.do(send, { input })))
  }
  return { url, ann, rooms }
}
