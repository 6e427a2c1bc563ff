import { integer } from '../platform/config/variable-kinds.ts'
import { openParley, openPlain, openRaw } from './fan-out/contenders.ts'
import { measureSize, type SizeFigures } from './fan-out/measure-size.ts'
import { runBenchmark } from './harness/benchmark.ts'
import { numbers } from './harness/option-kinds.ts'
import type { Table } from './harness/table.ts'

await runBenchmark({
  name: 'fan-out',
  about: `What it costs to deliver an event: processor time of the gateway's process for each delivery of a message, whose sender's name
and picture come from another subgraph, to every subscriber of a room. Beside a broadcast of the same bytes by \`ws\` alone, and beside
graphql-ws with an execution for each client. Messages come one at a time, and ten at once.`,
  options: {
    sizes: numbers('subscribers', [10, 100, 1_000, 5_000]),
    rounds: integer('how often each is measured, in turn', 5, 1),
    deliveries: integer('deliveries in a round, about', 20_000, 1),
  },
  async measure({ sizes, rounds, deliveries }, { resources, say }) {
    say('Starting Parley, a raw server and plain graphql-ws …')
    const parley = await openParley(resources)
    await parley.grow(1)
    await parley.deliver(1, 1)
    const frame = await parley.sample()
    if (!frame.includes('avatarUrl":"http') || frame.includes('"errors"'))
      throw new Error(`An incomplete event: ${frame}`)
    const contenders = { parley, raw: await openRaw(resources, frame), plain: await openPlain(resources, frame) }
    const figures: SizeFigures[] = []
    for (const size of sizes.toSorted((a, b) => a - b)) {
      say(`${size} subscribers …`)
      figures.push(await measureSize(contenders, { size, rounds, deliveries }))
    }
    return {
      tables: [deliveryTable(figures), chatTable(figures)],
      figures: { frameBytes: frame.length, sizes: figures },
    }
  },
})

function deliveryTable(figures: SizeFigures[]): Table {
  const rows = figures.flatMap(({ size, single, burst }) =>
    [single, burst].map(({ atOnce, microseconds, toRaw, toPlain }) => ({
      subscribers: size,
      'at once': atOnce,
      'Parley µs': microseconds.parley,
      'raw ws µs': microseconds.raw,
      'graphql-ws µs': microseconds.plain,
      'Parley / raw': toRaw.median,
      'lowest to highest': `${toRaw.lowest.toFixed(2)} – ${toRaw.highest.toFixed(2)}`,
      'Parley / graphql-ws': toPlain.median,
    })),
  )
  return { title: 'Processor time of the server for each delivery', rows }
}

function chatTable(figures: SizeFigures[]): Table {
  const [first] = figures
  const rows = figures.map(({ size, chat }) => ({
    subscribers: size,
    "chat's ms for an event": chat / 1_000,
    [`to ${first?.size} subscribers`]: chat / (first?.chat ?? Number.NaN),
  }))
  return { title: "Processor time of chat's process for each event, with its commit", rows }
}
