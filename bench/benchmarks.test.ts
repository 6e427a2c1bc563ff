import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from '@jest/globals'

const run = promisify(execFile)
const benchmark = (name: string, ...args: string[]) =>
  run(process.execPath, [join(import.meta.dirname, `${name}.ts`), ...args])

it.each(['fan-out', 'rooms', 'idle', 'reconnect', 'append'])('%s tells what it can be told', async (name) => {
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
