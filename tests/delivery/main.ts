import { appendFile, readFile } from 'node:fs/promises'
import process from 'node:process'
import { runFacts } from '../../bench/harness/run-facts.ts'
import { checkDelivery } from './check-delivery.ts'
import { type Asked, help, readCommandLine } from './options/command-line.ts'
import { createProgressLine } from './progress-line.ts'
import { isKept } from './report.ts'
import { sumUp } from './sum-up.ts'
import { openEmbeddedTarget } from './target/embedded-target.ts'
import { openServersTarget } from './target/servers-target.ts'

// Whoever reads this may be gone; what was started must be stopped all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
const say = (line: string) => void process.stderr.write(`${line}\n`)

async function run({ engine, settings, out }: Extract<Asked, { kind: 'run' }>): Promise<void> {
  let stops = 0
  let stop = () => {}
  const onSignal = () => {
    stops += 1
    say('Ends')
    stop()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  const facts = runFacts()
  say(`Seed ${settings.seed}`)
  const target = engine === 'embedded' ? await openEmbeddedTarget() : await openServersTarget()
  try {
    const progressLine = createProgressLine()
    const report = await checkDelivery({
      ...settings,
      target,
      say,
      onProgress: (soFar) => say(progressLine(soFar)),
      onStoppable(given) {
        stop = given
        for (let before = 0; before < stops; before += 1) stop()
      },
    })
    const result = { ...facts, engine, settings, ...report }
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
    if (out) await appendFile(out, `${JSON.stringify(result)}\n`)
    if (!isKept(report)) process.exitCode = 1
  } finally {
    await target.stop()
  }
}

const asked = readCommandLine(process.argv.slice(2))
if (asked.kind === 'run') await run(asked)
else if (asked.kind === 'sum') {
  const lines = (await readFile(asked.file, 'utf8')).split('\n').filter(Boolean)
  process.stdout.write(`${sumUp(lines.map((line) => JSON.parse(line)))}\n`)
} else if (asked.kind === 'help') process.stdout.write(help)
else {
  say(`${asked.problem}\n\n${help}`)
  process.exitCode = 1
}
