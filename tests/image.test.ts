import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { newSecrets } from '../dev/processes/secrets.ts'
import { freePort } from '../dev/stack/programs.ts'
import { signUp } from './clients.ts'
import { hasServers, makePlace } from './servers/place.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)

/** The instructions of the Dockerfile, with continued lines joined. */
const instructions = readFileSync(join(root, 'Dockerfile'), 'utf8')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .flatMap((line) => {
    const [, word = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line.trim()) ?? []
    return word ? [{ word, rest }] : []
  })
const ofWord = (word: string) => instructions.filter((each) => each.word === word).map(({ rest }) => rest)

/** There is no Docker engine everywhere that tests run: this does what the Dockerfile says, in folders of its own. */
describe('what the image is made of', () => {
  let folder: string
  let image: string
  // PATH has this checkout's Node first, as the image has its own.
  const environment = {
    ...process.env,
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    NODE_OPTIONS: '',
    NODE_ENV: '',
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parley-image-'))
    const build = join(folder, 'build')
    const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
    const paths = new Set(execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0'))
    for (const path of paths) {
      if (!path || !existsSync(join(root, path))) continue
      mkdirSync(dirname(join(build, path)), { recursive: true })
      cpSync(join(root, path), join(build, path))
    }
    for (const command of ofWord('RUN'))
      await run('sh', ['-c', command], { cwd: build, env: environment, maxBuffer: 10_000_000 })
    image = join(folder, 'image')
    mkdirSync(image)
    for (const copy of ofWord('COPY')) {
      const [, from, to] = /^--from=build \/parley\/(\S+) (\S+)$/.exec(copy) ?? []
      if (from && to)
        cpSync(join(build, from), to.endsWith('/') ? join(image, to, from) : join(image, to), { recursive: true })
    }
  }, 240_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const start = (main: string, more: Record<string, string>, ...args: string[]) =>
    spawn(process.execPath, [main, ...args], { cwd: image, env: { NODE_ENV: 'production', ...more } })

  it('holds no package that only developers need', () => {
    expect(() => readFileSync(join(image, 'node_modules/jest/package.json'))).toThrow('ENOENT')
    expect(readFileSync(join(image, 'web/dist/index.html'), 'utf8')).toContain('<div')
  })

  it.each(['gateway', 'subgraphs/auth', 'subgraphs/profile', 'subgraphs/chat', 'subgraphs/chat/fan-out'])(
    'runs %s, which names everything that production has to be told',
    async (place) => {
      const child = start(`${place}/main.ts`, {})
      let said = ''
      child.stderr.on('data', (chunk) => {
        said += chunk
      })
      expect(await once(child, 'close')).toEqual([1, null])
      expect(said).toContain('REDIS_URL is required')
      if (place !== 'subgraphs/chat/fan-out') expect(said).toContain('PASSPORT_KEYS is required')
      if (place === 'gateway') expect(said).toMatch(/SUBGRAPHS is required[\s\S]*AUTH_URLS is required/)
      expect(said).not.toContain('    at ')
    },
    30_000,
  )

  const onServers = hasServers() ? it : it.skip
  onServers(
    'serves as compose.yaml has it: migrated, healthy by the image’s own check, and ended with 0 when it is told to',
    async () => {
      const place = await makePlace()
      const ports = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await freePort()] as const)))
      const at = (name: string) => `http://127.0.0.1:${ports[name]}`
      const given: Record<string, string> = {
        ...place.variables,
        ...newSecrets(),
        AUTH_URLS: at('auth'),
        SUBGRAPHS: ['auth', 'profile', 'chat'].map((name) => `${name}=${at(name)}`).join(','),
        METRICS_PORT: String(await freePort()),
      }
      const running: ChildProcess[] = []
      try {
        const migrate = services.migrate?.command?.[0] ?? ''
        const environmentOf = (name: string) => {
          const variables = Object.keys(services[name]?.environment ?? {}).map((key) => [key, given[key]] as const)
          const own = Object.fromEntries(variables.filter(([, value]) => value !== undefined))
          const prefixes = { REDIS_PREFIX: given.REDIS_PREFIX ?? '', KAFKA_PREFIX: given.KAFKA_PREFIX ?? '' }
          return { ...services[name]?.environment, ...own, ...prefixes, HOST: '127.0.0.1', PORT: String(ports[name]) }
        }
        await run('sh', ['-c', migrate], { cwd: image, env: { ...environment, ...environmentOf('migrate') } })
        await Promise.all(
          names.map(async (name) => {
            const child = start(services[name]?.command?.[0] ?? '', environmentOf(name))
            running.push(child)
            for await (const line of createInterface({ input: child.stdout })) if (line.includes('is ready at')) break
            await run(process.execPath, healthCheck, { env: { PORT: String(ports[name]) } })
          }),
        )
        await signUp(at('gateway'), 'Ann')
        expect(await (await fetch(`${at('gateway')}/`)).text()).toContain('<div')
        const asked = await fetch(`${at('gateway')}/ide`)
        expect(asked.status).toBe(404)

        for (const child of running) {
          const ended = once(child, 'close')
          child.kill('SIGTERM')
          expect(await ended).toEqual([0, null])
        }
        await expect(run(process.execPath, healthCheck, { env: { PORT: String(ports.auth) } })).rejects.toThrow()
      } finally {
        for (const child of running) child.kill('SIGKILL')
        await place.remove()
      }
    },
    90_000,
  )
})

const [, check = '[]'] = /CMD (\[.*\])$/.exec(ofWord('HEALTHCHECK')[0] ?? '') ?? []
const [, ...healthCheck] = JSON.parse(check) as string[]

const names = ['auth', 'profile', 'chat', 'fan-out', 'gateway']
const { services } = parse(readFileSync(join(root, 'compose.yaml'), 'utf8'), { merge: true }) as {
  services: Record<string, { command?: string[]; environment?: Record<string, string> }>
}
