import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { variables as gateway } from '../../gateway/process-config.ts'
import { variables as auth } from '../../subgraphs/auth/config.ts'
import { variables as chat } from '../../subgraphs/chat/config.ts'
import { variables as fanOut } from '../../subgraphs/chat/fan-out/process.ts'
import { variables as profile } from '../../subgraphs/profile/config.ts'
import { startProcess } from '../process.ts'

describe('a start that cannot be', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-start-'))
    await writeFile(join(folder, 'file'), '')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const start = (environment: Record<string, string>, args?: string[]) =>
    startProcess(join(folder, 'data'), { DATA_DIR: join(folder, environment.DATA_DIR ?? 'data'), ...environment }, args)

  it.each([
    ['a port that is none', { PORT: '70000' }, 'PORT must be between 0 and 65535'],
    ['an address that is none', { HOST: '999.1.1.1' }, 'HOST 999.1.1.1 is not an address of this machine'],
    ['an address of another machine', { HOST: '192.0.2.1' }, 'HOST 192.0.2.1 is not an address of this machine'],
    ['an origin that is none', { ALLOWED_ORIGINS: 'https://a.example,b' }, 'ALLOWED_ORIGINS must be origins'],
    ['production', { NODE_ENV: 'production' }, 'NODE_ENV must not be production'],
  ])('names %s', async (_, environment, message) => {
    const failure = start(environment)
    await expect(failure).rejects.toThrow(message)
    await expect(failure).rejects.not.toThrow('    at ')
  })

  it.each(['file', 'file/below'])('names a DATA_DIR that cannot be a folder: %s', async (path) => {
    const failure = startProcess(join(folder, path))
    await expect(failure).rejects.toThrow(/DATA_DIR .* cannot be used \(a file stands there\)/)
    await expect(failure).rejects.not.toThrow('    at ')
  })

  it.each([
    ['parley.sqlite', 'no database'.padEnd(1_000)],
    ['lock.sqlite', 'no database'.padEnd(1_000)],
    ['parley.sqlite', undefined],
    ['lock.sqlite', undefined],
    ['secret', ''],
    ['secret', undefined],
  ])('names a DATA_DIR whose %s cannot be it (%#)', async (name, content) => {
    const data = await mkdtemp(join(folder, 'data-'))
    await (content === undefined ? mkdir(join(data, name)) : writeFile(join(data, name), content))
    const failure = startProcess(data)
    await expect(failure).rejects.toThrow(new RegExp(`DATA_DIR .* cannot be used.*${name}`))
    await expect(failure).rejects.not.toThrow('    at ')
  })

  it('answers an option that it does not know with its help', async () => {
    const failure = start({}, ['--bogus'])
    await expect(failure).rejects.toThrow('--bogus')
    await expect(failure).rejects.toThrow('DATA_DIR')
  })
})

it('says again under the banner which misspelt setting has no effect', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-start-'))
  const started = await startProcess(join(folder, 'data'), { ALLOWED_ORIGIN: 'https://a.example' })
  const warning = 'Ignored: ALLOWED_ORIGIN is not known: did you mean ALLOWED_ORIGINS?'
  try {
    const isSaid = () =>
      /Parley is running[\s\S]*\n {2}Ignored: /.test(started.output()) && started.output().split(warning).length === 3
    for (const end = Date.now() + 20_000; !isSaid() && Date.now() < end; ) await pause(50)
    expect([isSaid(), started.output()]).toEqual([true, expect.anything()])
  } finally {
    await started.end('SIGTERM')
    await rm(folder, { recursive: true, force: true })
  }
}, 120_000)

describe('a process of its own', () => {
  const run = (main: string, args: string[], environment: Record<string, string> = {}) =>
    promisify(execFile)(process.execPath, [main, ...args], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: { PATH: process.env.PATH, ...environment },
    })
  const processes = {
    'gateway/main.ts': gateway,
    'subgraphs/auth/main.ts': auth,
    'subgraphs/profile/main.ts': profile,
    'subgraphs/chat/main.ts': chat,
    'subgraphs/chat/fan-out/main.ts': fanOut,
  }

  it.each(Object.entries(processes))('tells with --help what it reads: %s', async (main, variables) => {
    const { stdout } = await run(main, ['--help'])
    for (const [name, { type, meaning }] of Object.entries(variables)) {
      expect(stdout).toContain(`  ${name} `)
      expect(stdout).toContain(`${meaning} (${type})`)
    }
  })

  it('names everything that is wrong at once, and nothing else', async () => {
    const failure = run('subgraphs/chat/main.ts', [], { PORT: 'x', PASSPORT_KEYS: 'short', MONGODB_URL: 'mysql://h/d' })
    await expect(failure).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^The configuration is not valid:\n {2}- PORT must be .*\n {2}- MONGODB_URL must be .*\n {2}- REDIS_URL is required\n {2}- KAFKA_URL is required\n {2}- PASSPORT_KEYS must have at least 32 characters.*\n$/,
      ),
    })
  })

  it('answers what it does not know with its help', async () => {
    const failure = run('subgraphs/auth/main.ts', ['migrate-all'])
    await expect(failure).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('MYSQL_URL') })
  })
})
