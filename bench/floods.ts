import { setTimeout as pause } from 'node:timers/promises'
import { integer, text } from '../platform/config/variable-kinds.ts'
import { createRoom, joinRoom, type Person, send, signUp } from '../tests/clients.ts'
import { connect } from '../tests/gateway/raw-socket.ts'
import { floods, largestText, type Scene } from './floods/floods.ts'
import { runBenchmark } from './harness/benchmark.ts'
import { percentile } from './harness/statistics.ts'
import { startChild } from './processes/child.ts'
import type { Network } from './processes/network.ts'
import { temporaryFolder } from './processes/parley.ts'

await runBenchmark({
  name: 'floods',
  about: `What one account asks of one gateway within every limit: many subscriptions, snapshots, replays, frames, connections. How long a
bystander's messages and queries take meanwhile, and what the process has used and still holds afterwards.`,
  options: {
    only: text('one flood by its name', 'all'),
    quiet: integer('seconds without a flood before each', 4, 1),
  },
  async measure({ only, quiet }, { resources, say }) {
    const folder = await temporaryFolder(resources)
    const network = resources.own(startChild<Network>('network'))
    const { url } = await network.ask('startLimited', folder)
    const scene = await setScene(url)
    const [ann, ben] = [await signUp(url, 'Ann'), await signUp(url, 'Ben')]
    const rows: Record<string, unknown>[] = []
    for (const [name, flood] of Object.entries(floods)) {
      if (only !== 'all' && only !== name) continue
      say(`${name}: ${flood.about} …`)
      const before = await bystanding(url, ann, ben, pause(quiet * 1_000))
      const [cpu, memory] = [await network.ask('cpu'), await network.ask('memory')]
      const during = await bystanding(url, ann, ben, flood.run(scene))
      const used = ((await network.ask('cpu')) - cpu) / 1e6
      await pause(3_000)
      const after = await network.ask('memory')
      const grown = (after.heap - memory.heap) / 1e6
      rows.push({
        flood: name,
        quiet: before,
        during,
        cpuSeconds: used,
        peakRssMb: after.rss / 1e6,
        heapGrownMb: grown,
      })
    }
    return { tables: [], figures: { floods: rows } }
  },
})

async function setScene(url: string): Promise<Scene> {
  const attacker = await signUp(url, 'Mallory')
  const roomId = await createRoom(attacker)
  const { message } = await send(attacker, roomId, 'first')
  for (let count = 0; count < 100; count += 1) await send(attacker, roomId, largestText())
  return { url, attacker, roomId, start: message.cursor }
}

/** How long messages of one take to another, and queries, in milliseconds, while the work goes on. */
async function bystanding(url: string, ann: Person, ben: Person, work: Promise<void>) {
  const roomId = await createRoom(ann)
  await joinRoom(ben, roomId)
  const socket = await connect(url, ben.headers.authorization)
  socket.subscribe('room', 'subscription ($roomId: ID!) { roomEvents(roomId: $roomId) { cursor } }', { roomId })
  await socket.find(({ id }) => id === 'room')
  let going = true
  const done = work.finally(() => {
    going = false
  })
  const [deliveries, queries]: [number[], number[]] = [[], []]
  while (going) {
    const start = performance.now()
    const { message } = await send(ann, roomId, 'hello')
    await socket.find(({ payload }) => payload?.data?.roomEvents.cursor === message.cursor)
    deliveries.push(performance.now() - start)
    const asked = performance.now()
    await ann.do('{ me { id } }')
    queries.push(performance.now() - asked)
    await pause(50)
  }
  await done
  await socket.close()
  const of = (values: number[]) => ({
    p50: percentile(values, 0.5),
    p99: percentile(values, 0.99),
    count: values.length,
  })
  return { delivery: of(deliveries), query: of(queries) }
}
