import { integer } from '../platform/config/variable-kinds.ts'
import { openEmbeddedStore, openServersStore } from './append/open-store.ts'
import { type Rate, sendRate } from './append/send-rate.ts'
import { chatSender, floorSender, graphSender } from './append/senders.ts'
import { runBenchmark } from './harness/benchmark.ts'
import { engine } from './harness/option-kinds.ts'
import { inRounds } from './harness/rounds.ts'
import { median, ratioOf } from './harness/statistics.ts'
import type { Table } from './harness/table.ts'
import { openPlace, startEmbedded, startOnServers } from './processes/system.ts'

const inserts = { one: 'inserts of the same row, one room', many: 'inserts of the same row, many rooms' }

await runBenchmark({
  name: 'append',
  about: `Acknowledged sends in a second, to one room and to many, beside the store's own rate: plain inserts of the same row, one a commit, into
a table of the same columns and indexes, with as many in flight. The sends are measured in chat (its rules, the append to the log and
the projection); the same until every event is published, too; and through the public graph.`,
  options: {
    engine,
    rooms: integer('the many rooms', 1_000, 2),
    senders: integer('sends in flight', 100, 1),
    requests: integer('sends in flight through the public graph', 64, 1),
    seconds: integer('seconds that each is measured for in a round', 2, 1),
    rounds: integer('how often each is measured, in turn', 3, 1),
  },
  async measure({ engine, rooms, senders, requests, seconds, rounds }, { resources, say }) {
    const place = engine === 'servers' ? await openPlace(resources, say) : undefined
    say('Starting Parley …')
    const measured = place ? await openServersStore(resources, place) : await openEmbeddedStore(resources)
    const urls = place ? (await startOnServers(resources, place)).urls : [await startEmbedded(resources)]
    say(`${rooms} rooms in each …`)
    const floor = floorSender(measured.floor, rooms)
    const chat = await chatSender(resources, measured, rooms)
    const graph = await graphSender(urls, rooms)
    const inChat = { send: chat.send, lanes: senders, seconds, before: () => chat.publish(false) }
    const published = { ...inChat, before: () => chat.publish(true), after: chat.published }
    say('Sending …')
    const rates = await inRounds(rounds, {
      [inserts.one]: sendRate({ send: floor, lanes: senders, seconds, rooms: 1 }),
      [inserts.many]: sendRate({ send: floor, lanes: senders, seconds, rooms }),
      'chat, one room': sendRate({ ...inChat, rooms: 1 }),
      'chat, many rooms': sendRate({ ...inChat, rooms }),
      'chat with publication, one room': sendRate({ ...published, rooms: 1 }),
      'chat with publication, many rooms': sendRate({ ...published, rooms }),
      'public graph, one room': sendRate({ send: graph, lanes: requests, seconds, rooms: 1 }),
      'public graph, many rooms': sendRate({ send: graph, lanes: requests, seconds, rooms }),
    })
    const results = Object.entries(rates).map(([what, measured]) => {
      const beside = rates[what.endsWith('one room') ? inserts.one : inserts.many] ?? []
      return summary(what, measured, beside)
    })
    return { tables: [rateTable(results)], figures: { results } }
  },
})

function perSecondOf(rates: Rate[]): number[] {
  return rates.map(({ perSecond }) => perSecond)
}

function summary(what: string, rates: Rate[], inserts: Rate[]) {
  return {
    what,
    perSecond: median(perSecondOf(rates)),
    toInserts: ratioOf(perSecondOf(rates), perSecondOf(inserts)),
    failed: rates.reduce((sum, { failed }) => sum + failed, 0),
  }
}

function rateTable(results: ReturnType<typeof summary>[]): Table {
  const rows = results.map(({ what, perSecond, failed, toInserts: { median, lowest, highest } }) => ({
    what,
    'a second': Math.round(perSecond),
    'to inserts': median,
    'lowest to highest': `${lowest.toFixed(2)} – ${highest.toFixed(2)}`,
    'not acknowledged': failed,
  }))
  return { title: 'Acknowledged in a second', rows }
}
