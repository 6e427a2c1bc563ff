import { execFileSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { ConfigError } from '../platform/config/env.ts'
import { integer } from '../platform/config/variable-kinds.ts'
import type { Resources } from '../platform/lifecycle/resources.ts'
import { send } from '../tests/clients.ts'
import { makePlaces } from './clients/audience.ts'
import { runBenchmark } from './harness/benchmark.ts'
import { eachOf } from './load.ts'
import type { BareServer } from './processes/bare-server.ts'
import { type Child, startChild } from './processes/child.ts'
import { startParley } from './processes/parley.ts'
import type { Seat, Swarm } from './processes/swarm.ts'

/** What the first sockets cost, code and caches, is no cost of a socket. */
const warmUp = 0.05
/** What opening leaves behind is gone after this time, in milliseconds. */
const settling = 3_000

await runBenchmark({
  name: 'idle',
  about: `What an idle subscribed socket holds in the gateway's memory, after a collection, beside a socket of a server of \`ws\` alone.
Every process needs as many file descriptors as sockets, and some more (ulimit -n).`,
  options: {
    sockets: integer('sockets, each with a subscription to one of the rooms', 10_000, 100),
    rooms: integer('rooms', 100, 1),
  },
  async measure({ sockets, rooms }, { resources, say }) {
    needDescriptors(sockets)
    say('Starting Parley and a raw server …')
    const { url, socketUrl, gateway } = await startParley(resources)
    const places = await makePlaces(url, rooms)
    const seats = Array.from({ length: sockets }, (_, index): Seat => {
      const { owner, roomId } = places[index % rooms] as (typeof places)[number]
      return { url: socketUrl, accessToken: owner.accessToken, roomId }
    })
    const bare = resources.own(startChild<BareServer>('bare-server'))
    const bareUrl = await bare.ask('start')
    const bareSeats = seats.map((_, index): Seat => ({ url: `${bareUrl}/${index % rooms}` }))

    say(`${sockets} raw sockets …`)
    const raw = await perSocket(resources, bare, bareSeats)
    say(`${sockets} subscribed sockets …`)
    const parley = await perSocket(resources, gateway, seats)
    say('A message in every room, to be sure that all of them listen …')
    await parley.swarm.ask('clear')
    await eachOf(places, 16, ({ owner, roomId }) => send(owner, roomId, 'still there?'))
    await parley.swarm.ask('received', sockets)
    const rows = (['rss', 'heap'] as const).map((kind) => ({
      'KB for each socket': kind === 'rss' ? 'resident' : 'heap and external',
      Parley: parley[kind],
      'raw ws': raw[kind],
      more: parley[kind] - raw[kind],
    }))
    const { swarm: _, ...ofParley } = parley
    const { swarm: __, ...ofRaw } = raw
    return {
      tables: [{ title: `What one of ${sockets} idle sockets holds`, rows }],
      figures: { kilobytesPerSocket: { parley: ofParley, raw: ofRaw } },
    }
  },
})

/** Seats the listeners and gives what each of them but the first holds in the server, in kilobytes. */
async function perSocket(resources: Resources, server: Pick<Child<BareServer>, 'ask'>, seats: Seat[]) {
  const swarm = resources.own(startChild<Swarm>('swarm'))
  const first = Math.ceil(seats.length * warmUp)
  const memoryWith = async (added: Seat[]) => {
    await swarm.ask('open', added)
    await pause(settling)
    return server.ask('memory')
  }
  const before = await memoryWith(seats.slice(0, first))
  const after = await memoryWith(seats.slice(first))
  const each = (kind: 'rss' | 'heap') => (after[kind] - before[kind]) / 1_024 / (seats.length - first)
  return { swarm, rss: each('rss'), heap: each('heap') }
}

function needDescriptors(sockets: number): void {
  const most = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim()
  if (Number(most) < sockets + 200)
    throw new ConfigError([`${sockets} sockets need more than the ${most} of ulimit -n`])
}
