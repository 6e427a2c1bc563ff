import { integer } from '../platform/config/variable-kinds.ts'
import { runBenchmark } from './harness/benchmark.ts'
import { inRounds } from './harness/rounds.ts'
import { median, percentile, ratioOf } from './harness/statistics.ts'
import type { Table } from './harness/table.ts'
import { openBare, openParley, type Storm } from './reconnect/contenders.ts'

await runBenchmark({
  name: 'reconnect',
  about: `Sockets that are cut at once and come back at once, each with its cursor, while messages were missed: how long until the last has
caught up, what chat reads from its store for it, and how long a message in another room takes meanwhile. Beside a server of \`ws\`
alone that answers the same handshake with the same bytes.`,
  options: {
    sockets: integer('sockets, all in one room', 5_000, 1),
    missed: integer('messages that are sent while they are away', 20, 1),
    rounds: integer('how often each is measured, in turn', 3, 1),
  },
  async measure({ sockets, missed, rounds }, { resources, say }) {
    say('Starting Parley …')
    const parley = await openParley(resources, sockets, missed)
    const bare = await openBare(resources, sockets, parley.frames)
    say('Cutting …')
    const storms = await inRounds(rounds, { parley: parley.storm, bare: bare.storm })
    const [ofParley, ofBare] = [summary(storms.parley), summary(storms.bare)]
    const toBare = ratioOf(lasts(storms.parley), lasts(storms.bare))
    return {
      tables: [stormTable({ parley: ofParley, bare: ofBare }), readsTable(storms.parley, sockets)],
      figures: {
        parley: ofParley,
        bare: ofBare,
        toBare,
        storeCalls: storms.parley.map(({ storeCalls }) => storeCalls),
      },
    }
  },
})

function lasts(storms: Storm[]): number[] {
  return storms.map(({ times }) => Math.max(...times))
}

function summary(storms: Storm[]) {
  const quiet = storms.flatMap((storm) => storm.quiet.delays)
  const delays = storms.flatMap((storm) => storm.bystander.delays)
  return {
    lastMs: median(lasts(storms)),
    halfMs: median(storms.map(({ times }) => percentile(times, 0.5))),
    retries: median(storms.map(({ retries }) => retries)),
    serverMsPerSocket: median(storms.map(({ spent, times }) => spent.server / times.length)) / 1_000,
    chatMsPerSocket: median(storms.map(({ spent, times }) => spent.chat / times.length)) / 1_000,
    bystanderQuietP99Ms: percentile(quiet, 0.99),
    bystanderP50Ms: percentile(delays, 0.5),
    bystanderP99Ms: percentile(delays, 0.99),
    bystanderMessages: delays.length,
    bystanderFailed: storms.reduce((sum, { bystander }) => sum + bystander.failed, 0),
    problem: storms.find(({ bystander }) => bystander.problem)?.bystander.problem,
  }
}

function stormTable(of: Record<string, ReturnType<typeof summary>>): Table {
  const rows = Object.entries(of).map(([name, figures]) => ({
    who: name === 'parley' ? 'Parley' : 'raw ws',
    'half are back after ms': figures.halfMs,
    'the last after ms': figures.lastMs,
    'tries beyond the first': figures.retries,
    "server's CPU ms each": figures.serverMsPerSocket,
    "chat's": figures.chatMsPerSocket,
    "bystander's p99 before, ms": figures.bystanderQuietP99Ms,
    'p50 meanwhile': figures.bystanderP50Ms,
    'p99 meanwhile': figures.bystanderP99Ms,
    'not acknowledged': figures.bystanderFailed,
  }))
  return { title: 'All sockets cut at once', rows }
}

function readsTable(storms: Storm[], sockets: number): Table {
  const names = [...new Set(storms.flatMap(({ storeCalls }) => Object.keys(storeCalls)))].sort()
  const rows = names.map((name) => {
    const calls = median(storms.map(({ storeCalls }) => storeCalls[name] ?? 0))
    return { 'call to the store': name, calls, 'for each socket': calls / sockets }
  })
  const sends = median(storms.map(({ bystander }) => bystander.delays.length))
  return { title: `Chat's calls to its store meanwhile, those of the bystander's ${sends} messages among them`, rows }
}
