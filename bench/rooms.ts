import { integer } from '../platform/config/variable-kinds.ts'
import { runBenchmark } from './harness/benchmark.ts'
import { engine } from './harness/option-kinds.ts'
import { openPlace, startEmbedded, startOnServers } from './processes/system.ts'
import { climb } from './rooms/climb.ts'
import { openBare, openParley } from './rooms/contenders.ts'

await runBenchmark({
  name: 'rooms',
  about: `How many messages a second many small rooms take: the rate is raised, step by step, until the 99th percentile from a message's send
to its listeners passes the limit. Messages are sent through the gateway at even distances, whether or not those before were
acknowledged. Beside a server of \`ws\` alone that acknowledges and relays as many at the same rates.`,
  options: {
    engine,
    rooms: integer('rooms', 1_000, 1),
    listeners: integer('listeners in each, each with a socket of its own', 5, 1),
    from: integer('messages a second of the first step; each step has a third more', 50, 1),
    limit: integer('the highest 99th percentile, in milliseconds', 250, 1),
    seconds: integer('seconds at a rate', 2, 1),
    rounds: integer('how often each rate is tried, in turn', 3, 1),
  },
  async measure({ engine, from, limit, seconds, rounds, ...options }, { resources, say }) {
    say(engine === 'embedded' ? 'Starting Parley in one process …' : 'Starting Parley on the servers …')
    const urls =
      engine === 'embedded'
        ? [await startEmbedded(resources)]
        : (await startOnServers(resources, await openPlace(resources, say))).urls
    say(`${options.rooms} rooms with ${options.listeners} listeners each …`)
    const parley = await openParley(resources, urls, options)
    const bare = await openBare(resources, options)
    await parley.run(from, 2)
    const { steps, sustained } = await climb({ parley, bare, from, limit, seconds, rounds, say })
    const rows = steps.map(({ perSecond, parley, bare }) => ({
      'messages a second': perSecond,
      'Parley p50 ms': parley?.p50 ?? Number.NaN,
      'Parley p99 ms': parley?.p99 ?? Number.NaN,
      failed: parley?.failed ?? Number.NaN,
      'raw ws p50 ms': bare.p50,
      'raw ws p99 ms': bare.p99,
    }))
    const title = `From send to listener; at most ${limit} ms: Parley up to ${sustained.parley} messages a second, raw ws up to ${sustained.bare}`
    return { tables: [{ title, rows }], figures: { sustained, steps } }
  },
})
