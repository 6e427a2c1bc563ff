import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { builtWebClient } from '../browser.ts'
import { createRoom, signIn, signUp } from '../clients.ts'

const main = fileURLToPath(new URL('../../dev/main.ts', import.meta.url))
const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0

/** A limit of the size of files stands for the disk: it needs no rights, and writes beyond it fail as those to a broken disk do. */
const setFileSize = (pid: number | undefined, bytes: number | 'unlimited') =>
  expect(spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]).status).toBe(0)

const suite = hasPrlimit ? describe : describe.skip
suite('the embedded engine on a disk that takes no writes', () => {
  let folder: string
  let child: ChildProcess
  let output: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-disk-'))
    await builtWebClient()
    output = ''
  }, 120_000)
  afterEach(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })
  const start = (kilobytes: number | 'unlimited') => {
    // The signal that tells of a write beyond the limit would end it.
    const script = `trap '' XFSZ; ulimit -S -f ${kilobytes}; exec "$0" "$@"`
    child = spawn('bash', ['-c', script, process.execPath, main], {
      env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: '', PORT: '0', DATA_DIR: join(folder, 'data') },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        output += chunk
      })
  }

  it.each([0, 4, 100])(
    'ends its start with one line that names DATA_DIR, with room for files of %d kB',
    async (kilobytes) => {
      start(kilobytes)
      const [code] = await once(child, 'close')
      expect(output).toMatch(/^ {2}- DATA_DIR \S+ cannot be (written|used) \(.*\): /m)
      expect(output).not.toMatch(/^ {4}at /m)
      expect(code).toBe(1)
    },
    120_000,
  )

  it('is not ready, answers UNAVAILABLE, and logs it once while it runs; and serves again when there is room', async () => {
    start('unlimited')
    const find = () => /GraphQL\s+(\S+)\/graphql/.exec(output)?.[1]
    while (!find()) await pause(50)
    const url = String(find())
    const ready = async () => {
      const response = await fetch(`${url}/health/ready`)
      return `${response.status} ${await response.text()}`
    }
    const until = async (holds: () => Promise<boolean>) => {
      for (const end = performance.now() + 30_000; !(await holds()); await pause(50))
        if (performance.now() > end) throw new Error(`It did not come:\n${await ready()}\n${output}`)
    }
    const person = await signUp(url)
    const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }'
    const roomId = await createRoom(person)
    const input = (text: string) => ({ input: { roomId, text, clientMessageId: crypto.randomUUID() } })
    await person.do(send, input('before'))
    const said = output.length

    setFileSize(child.pid, 4_096)
    for (let tries = 0; tries < 20; tries += 1) {
      const { errors } = await person.try(send, input('x'))
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE', retryAfter: expect.any(Number) })
    }
    await expect(signIn(url, person)).rejects.toThrow('"UNAVAILABLE"')
    await expect(signUp(url)).rejects.toThrow('"UNAVAILABLE"')
    await until(async () => /^503 .*SQLite cannot write to the data folder \(SQLITE_IOERR: /.test(await ready()))
    const lines = output.slice(said).split('\n').filter(Boolean)
    expect(lines.filter((line) => /"level":(50|60)/.test(line))).toEqual([])
    expect(lines.length).toBeLessThan(20)

    setFileSize(child.pid, 'unlimited')
    await until(async () => (await ready()).startsWith('200'))
    await person.do(send, input('after'))
    await signIn(url, person)
    await signUp(url)
  }, 180_000)
})
