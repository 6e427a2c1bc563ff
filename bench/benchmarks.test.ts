import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from '@jest/globals'

const root = join(import.meta.dirname, '..')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
/** The files of the benchmarks by name, as `npm run bench:<name>` runs them. */
const files = Object.fromEntries(
  Object.entries<string>(scripts)
    .filter(([script]) => script.startsWith('bench:'))
    .map(([script, command]) => [script.replace('bench:', ''), join(root, command.replace('node ', ''))]),
)
const run = promisify(execFile)
const benchmark = (name: string, ...args: string[]) => run(process.execPath, [files[name] ?? '', ...args])

it.each(Object.keys(files))('%s tells what it can be told', async (name) => {
  const { stdout } = await benchmark(name, '--help')
  expect(stdout).toContain(`npm run bench:${name} [-- options]`)
  expect(stdout).toMatch(/^ {2}--\w+ +\S.* \[.+\]$/m)
})

it('refuses what is no number, and says so to people only', async () => {
  const refused = benchmark('rooms', '--rooms', 'few', '--rounds', '0')
  await expect(refused).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/rooms must be a whole number[\s\S]*rounds must be between 1/),
  })
})

it.each([
  ['stack', ['--seconds', '1.5'], /seconds must be a whole number/],
  ['login', ['--tries', '0'], /tries must be between 1/],
  ['login', ['60'], /Unexpected argument '60'/],
  ['login', ['--attempts', '60'], /Unknown option '--attempts'/],
])('%s refuses %j in a few words', async (name, args, words) => {
  const refused = benchmark(name, ...args)
  await expect(refused).rejects.toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(words) })
  await expect(refused).rejects.toMatchObject({ stderr: expect.not.stringMatching(/^ +at /m) })
})

it('gives tables to people and a result to machines', async () => {
  const { stdout, stderr } = await benchmark('fan-out', '--sizes', '2', '--rounds', '1', '--deliveries', '1')
  expect(JSON.parse(stdout)).toMatchObject({
    benchmark: 'fan-out',
    commit: expect.stringMatching(/./),
    node: process.version,
    cores: expect.any(Number),
    parameters: { sizes: [2], rounds: 1, deliveries: 1 },
    sizes: [{ size: 2, single: { messages: 3, microseconds: { parley: expect.any(Number) } } }],
  })
  expect(stderr).toMatch(/^\| 2 +\| 10 +\|/m)
}, 120_000)

it('measures refused sign-ins beside one another', async () => {
  const { stdout, stderr } = await benchmark('login', '--tries', '1')
  const { parameters, refusals, health } = JSON.parse(stdout)
  expect(parameters).toEqual({ tries: 1 })
  expect(refusals).toHaveLength(5)
  expect(refusals[0]).toMatchObject({ kind: 'wrong password', median: expect.any(Number), apart: 0, ratio: 1 })
  expect(health).toMatchObject({ idle: { answers: 50 }, busy: { answers: expect.any(Number) } })
  expect(stderr).toMatch(/^\| unknown user +\|/m)
}, 120_000)

it.each(['while it opens', 'while it measures'])(
  'leaves nothing behind when it is interrupted %s',
  async (when) => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-interrupted-'))
    try {
      const env = { ...process.env, TMPDIR: folder }
      const child = spawn(process.execPath, [files.login ?? ''], { env, stdio: ['ignore', 'pipe', 'pipe'] })
      const said = { stdout: '', stderr: '' }
      const moment = when === 'while it opens' ? 'Starting' : 'sign-ins of each'
      child.stdout.on('data', (chunk) => {
        said.stdout += chunk
      })
      child.stderr.on('data', (chunk) => {
        const isOver = said.stderr.includes(moment)
        said.stderr += chunk
        if (!isOver && said.stderr.includes(moment)) child.kill('SIGTERM')
      })
      expect(await once(child, 'close')).toEqual([1, null])
      expect(said).toEqual({ stdout: '', stderr: expect.stringContaining('Ended by SIGTERM') })
      expect(await readdir(folder)).toEqual([])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
  60_000,
)
