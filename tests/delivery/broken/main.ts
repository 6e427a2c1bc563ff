import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type CheckReport, isKept } from '../report.ts'
import { type CodeFault, codeFaults } from './code-faults.ts'

const help = `Checks the checker: breaks a copy of the code in each way that it is for, and runs it on that; and on the code as it is.

  npm run check:faults
  npm run check:faults -- --only "a skipped repair,a mark cleared too soon"

Exits with 1 when a fault was not found, or one was found in the code as it is.

${codeFaults.map(({ name, what }) => `  ${name.padEnd(36)} ${what}`).join('\n')}
`
const root = fileURLToPath(new URL('../../..', import.meta.url))
const { values } = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
const say = (line: string) => void process.stdout.write(`${line}\n`)

/** A copy of the working tree, with what is installed linked into it. */
async function copyCode(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'parley-faults-'))
  const listed = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const files = execFileSync('git', listed, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean)
  for (const file of files.filter((each) => each !== 'node_modules'))
    await cp(join(root, file), join(copy, file)).catch((error) => {
      // Listed, but removed.
      if (error.code !== 'ENOENT') throw error
    })
  await mkdir(join(copy, 'data'), { recursive: true })
  for (const installed of ['node_modules', 'data/jars']) await symlink(join(root, installed), join(copy, installed))
  return copy
}

let stopped = false
let running: ChildProcess | undefined
/** Ends the run that is under way, which stops what it started; nothing is left behind. */
function stop(): void {
  stopped = true
  running?.kill('SIGINT')
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)

const describe = ({ engine, seconds, kills }: CodeFault['run']) =>
  [engine, `${seconds} s`, kills.join(' and ') || 'nothing dies'].join(', ')

/** What the checker finds in this copy. */
async function check(copy: string, what: string, { engine, seconds, kills }: CodeFault['run']): Promise<CheckReport> {
  process.stderr.write(`        … ${what} (${describe({ engine, seconds, kills })})\n`)
  const out = join(copy, 'data/report.json')
  await rm(out, { force: true })
  const args = ['--engine', engine, '--minutes', `${seconds / 60}`, '--kills', kills.join(',') || 'none']
  const rest = ['--seed', '1', '--rest', '0.5', '--patience', '60', '--late-senders', '--out', out]
  const child = spawn(process.execPath, [join(copy, 'tests/delivery/main.ts'), ...args, ...rest], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // A Ctrl-C in the terminal is for this process, which passes it on.
    detached: true,
  })
  running = child
  const [said] = await Promise.all([text(child.stderr), once(child, 'exit')])
  const line = await readFile(out, 'utf8').catch((cause) => {
    throw new Error(`The checker did not get to a result:\n${said}`, { cause })
  })
  return JSON.parse(line)
}

/** What a run found, and whether it ever had everything. */
function found({ faults, isSettled }: CheckReport): string {
  const counted = Object.entries(faults).filter(([, count]) => count > 0)
  const told = counted.map(([fault, count]) => `${fault} ${count}`)
  return [...told, ...(isSettled ? [] : ['not settled'])].join(', ') || 'nothing'
}

/** What the checker finds in this copy while it has the fault. */
async function checkBroken(copy: string, { name, file, find, replace, run }: CodeFault): Promise<CheckReport> {
  const path = join(copy, file)
  const code = await readFile(path, 'utf8')
  await writeFile(
    path,
    code.replace(find, () => replace),
  )
  const report = await check(copy, name, run)
  await writeFile(path, code)
  return report
}

/** Checks one fault after the other, and before, once under each kind of settings, the code as it is. */
async function checkAll(copy: string, wanted: CodeFault[]): Promise<void> {
  const soundReports = new Map<string, CheckReport>()
  for (const fault of wanted) {
    const settings = describe(fault.run)
    const sound = soundReports.get(settings) ?? (await check(copy, 'the code as it is', fault.run))
    soundReports.set(settings, sound)
    // What was interrupted shows nothing.
    if (stopped) return
    const report = await checkBroken(copy, fault)
    if (stopped) return
    const isCaught = report.faults[fault.seenAs] > 0 && isKept(sound)
    if (!isCaught) process.exitCode = 1
    say(`${isCaught ? 'caught' : 'MISSED'}  ${fault.name} (${settings}; ${report.acknowledged} sends)`)
    say(`        found: ${found(report)}; without it: ${found(sound)}`)
  }
}

async function runAll(): Promise<void> {
  const only = values.only?.split(',')
  const unknown = only?.find((asked) => !codeFaults.some(({ name }) => name === asked))
  if (unknown !== undefined) throw new Error(`There is no fault "${unknown}": see --help`)
  const wanted = codeFaults.filter(({ name }) => !only || only.includes(name))
  const copy = await copyCode()
  try {
    await checkAll(copy, wanted)
    if (stopped) process.exitCode = 1
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

if (values.help) say(help)
else await runAll()
