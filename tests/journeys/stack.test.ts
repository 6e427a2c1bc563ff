import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { isRunning, type OwnedProcess } from '../../dev/stack/owned-process.ts'
import { serverNames } from '../../dev/stack/server.ts'
import { ask } from '../clients.ts'
import { missingServers } from '../failures/own-servers.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('npm run stack', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'parley-stack-'))
  })
  afterAll(async () => {
    await stack('down')
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  const start = (main: string, args: string[], environment: Record<string, string> = {}) =>
    spawn(process.execPath, [join(root, main), ...args], {
      cwd: root,
      // Without a Docker engine: what is installed here is what this is about.
      env: { PATH: process.env.PATH, DOCKER_HOST: 'tcp://127.0.0.1:9', STACK_DIR: folder, ...environment },
    })
  const stack = async (...args: string[]) => stackIn({}, ...args)
  const stackIn = async (environment: Record<string, string>, ...args: string[]) => {
    const child = start('dev/stack/main.ts', args, environment)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said += chunk
      })
    }
    const [code] = await once(child, 'close')
    return { code, said }
  }
  const owned = (): Record<string, OwnedProcess> => {
    const state = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'))
    return Object.fromEntries(
      serverNames.flatMap((name) => (state[name]?.process ? [[name, state[name].process]] : [])),
    )
  }

  it('says what is missing, with the command that installs it', async () => {
    const { code, said } = await stackIn({ PATH: '/nowhere', JARS_DIR: '/nowhere' }, 'up')
    expect(code).toBe(1)
    expect(said).toContain('npm run stack -- install')
    for (const variable of ['MONGODB_URL', 'REDIS_URL', 'KAFKA_URL']) expect(said).toContain(variable)
  })

  it('says what a URL points to that does not answer', async () => {
    const { code, said } = await stackIn({ REDIS_URL: 'redis://127.0.0.1:9' }, 'up')
    const problem = 'Redis does not answer where REDIS_URL says it is: start it, or unset REDIS_URL'
    expect([code, said]).toEqual([1, expect.stringContaining(problem)])
  })

  it.each([
    ['a folder that cannot be', { STACK_DIR: '/proc/none' }, ['up'], 'STACK_DIR /proc/none cannot be used'],
    ['an option that it does not know', {}, ['down', '--wip'], "Unknown option '--wip'"],
    ['a log that is not there', {}, ['logs', 'none'], 'There is no log of none'],
  ])('tells %s in a line, without a stack', async (_, environment, args, line) => {
    const { code, said } = await stackIn(environment, ...args)
    expect([code, said]).toEqual([1, expect.stringContaining(line)])
    expect(said).not.toContain('    at ')
  })

  const missing = missingServers()
  if (missing.length > 0) return void it.skip(`needs ${missing.join(', ')}`, () => {})

  let exported: Record<string, string> = {}

  it('starts all four, tells their URLs, and starts none twice', async () => {
    const outcomes = await Promise.all([stack('up'), stack('up')])
    const [first, second] = outcomes.toSorted((one, other) => one.code - other.code)
    expect(second).toEqual({ code: 1, said: expect.stringMatching(/^Another command is at work in .*\n$/) })
    const { code, said } = first ?? {}
    expect([code, said]).toEqual([
      0,
      expect.stringMatching(/export MYSQL_URL='mysql:.*\n.*\n.*\nexport KAFKA_URL='kafka:/),
    ])
    exported = Object.fromEntries(
      [...String(said).matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, url]) => [name, url]),
    )
    const before = owned()
    expect(Object.keys(before)).toHaveLength(4)
    expect((await stack('up')).said.match(/runs already/g)).toHaveLength(4)
    expect(owned()).toEqual(before)
    expect(await stack('status')).toMatchObject({ code: 0 })
    expect((await stack('logs', 'redis')).said).toContain('Ready to accept connections')
  }, 90_000)

  it('says that one has died, and brings back that one where it was', async () => {
    const before = owned()
    process.kill(before.redis?.pid ?? 0, 'SIGKILL')
    const status = await stack('status')
    expect([status.code, status.said]).toEqual([1, expect.stringMatching(/Redis +is not running/)])
    // With what the first `up` told to export, as a shell has it: the URL of the server that died is the stack's own.
    const { said } = await stackIn(exported, 'up')
    expect(said.match(/runs already/g)).toHaveLength(3)
    const { redis, ...others } = owned()
    expect(redis?.pid).not.toBe(before.redis?.pid)
    expect(others).toEqual({ mysql: before.mysql, mongodb: before.mongodb, kafka: before.kafka })
  }, 60_000)

  it('carries the whole graph as separate processes, and start:stack ends with them', async () => {
    // Two in a row, and none that a connection may have taken meanwhile.
    const port = 20_000 + 2 * Math.floor(Math.random() * 5_000)
    const child = start('dev/processes/main.ts', [], { PORT: String(port) })
    let said = ''
    const up = Promise.withResolvers<void>()
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said += chunk
        if (said.includes('Ctrl-C')) up.resolve()
      })
    const closed = once(child, 'close')
    void closed.then(() => up.reject(new Error(said)))
    await up.promise
    const names = ['auth', 'profile', 'chat-1', 'chat-2', 'fan-out-1', 'fan-out-2', 'gateway-1', 'gateway-2']
    // Each listens by now; the time limit of the test bounds the wait for those that are not ready yet.
    for (const name of names) while (!new RegExp(`${name} .*is ready at`).test(said)) await pause(50)
    const [, password] = / ada +(\S+)/.exec(said) ?? []
    const query = 'mutation ($input: LoginInput!) { login(input: $input) { user { displayName } } }'
    const login = await ask(`http://127.0.0.1:${port + 1}`, query, { input: { username: 'ada', password } })
    expect(login).toMatchObject({ errors: undefined, data: { login: { user: { displayName: 'Ada' } } } })

    child.kill('SIGINT')
    expect(await closed).toEqual([0, null])
    // The servers were up before, and are left alone.
    expect(await stack('status')).toMatchObject({ code: 0 })
  }, 120_000)

  it('stops exactly what it started, and removes the data when it is told to', async () => {
    const before = Object.values(owned())
    expect((await stack('down')).said.match(/stopped/g)).toHaveLength(4)
    expect(before.filter(isRunning)).toEqual([])
    expect(await stack('status')).toMatchObject({ code: 1 })
    expect(await stack('down', '--wipe')).toMatchObject({ code: 0 })
    expect(() => readFileSync(join(folder, 'state.json'))).toThrow('ENOENT')
  }, 60_000)
})
