import process from 'node:process'
import { parseArgs } from 'node:util'
import { checkDelivery } from './check-delivery.ts'
import { openEmbeddedTarget, openServersTarget } from './target.ts'
import { isKept } from './verdict.ts'

const help = `Checks the promise on the public graph: every acknowledged message reaches every subscriber once and in order, whatever dies.

  npm run check:delivery -- --minutes 10 --kills all --seed 1

  --minutes N        how long it writes and takes parts away [1]
  --engine NAME      servers: separate processes on servers of its own; embedded: one process [servers]
  --kills NAMES      all, none, or parts: gateway,chat,fan-out,auth,profile,mysql,mongodb,redis,kafka [all]
  --seed N           the same seed gives the same schedule [of the day]
  --rooms N, --writers N, --rate N      rooms [4], writers [8], sends in a second [100]

Exits with 1 when anything speaks against the promise.
`
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    engine: { type: 'string', default: 'servers' },
    kills: { type: 'string', default: 'all' },
    seed: { type: 'string', default: new Date().toISOString().slice(0, 10).replaceAll('-', '') },
    rooms: { type: 'string', default: '4' },
    writers: { type: 'string', default: '8' },
    rate: { type: 'string', default: '100' },
    help: { type: 'boolean', short: 'h' },
  },
})
const say = (line: string) => void process.stderr.write(`${line}\n`)
const kills: Record<string, string[] | undefined> = { all: undefined, none: [] }

if (values.help) process.stdout.write(help)
else {
  const target = values.engine === 'embedded' ? await openEmbeddedTarget() : await openServersTarget()
  try {
    say(`Seed ${values.seed}`)
    const result = await checkDelivery({
      target,
      seconds: Number(values.minutes) * 60,
      seed: Number(values.seed),
      kills: values.kills in kills ? kills[values.kills] : values.kills.split(','),
      rooms: Number(values.rooms),
      writers: Number(values.writers),
      rate: Number(values.rate),
      say,
    })
    process.stdout.write(
      `${JSON.stringify({ seed: Number(values.seed), engine: values.engine, ...result }, null, 2)}\n`,
    )
    if (!isKept(result.verdict)) process.exitCode = 1
  } finally {
    await target.stop()
  }
}
