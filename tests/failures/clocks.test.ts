import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { freePort } from '../../dev/stack/programs.ts'
import { ask, createRoom, joinRoom, type Person, send, signUp } from '../clients.ts'
import { clockOfFile } from '../clock.ts'
import { samplesOf } from '../metric-samples.ts'
import { follow } from '../reader.ts'
import { hasServers } from '../servers/place.ts'
import { startProcessesOnServers } from '../servers/processes.ts'

const subgraphs = ['auth', 'profile-1', 'profile-2', 'chat-1', 'chat-2'] as const
const names = ['gateway', ...subgraphs] as const
type Name = (typeof names)[number]
type Clocks = Partial<Record<Name, number>>

/** Asks until the condition holds; throws what was seen last when it does not within 30 s. */
async function until<T>(read: () => T | Promise<T>, holds: (seen: T) => boolean): Promise<T> {
  for (const end = performance.now() + 30_000; ; await pause(100)) {
    const seen = await read()
    if (holds(seen)) return seen
    if (performance.now() > end) throw new Error(`It did not come: ${JSON.stringify(seen)}`)
  }
}

const suite = hasServers() ? describe : describe.skip

suite('processes whose clocks differ, on real servers', () => {
  let folder: string
  let started: Awaited<ReturnType<typeof startProcessesOnServers>>
  let metricsUrl: string
  const lines: string[] = []

  const clockFile = (name: Name) => join(folder, name)
  const urlOf = (name: Name) => {
    const [kind, number = '1'] = name.split('-') as ['gateway', string?]
    return started.system.processes[kind][Number(number) - 1]?.url ?? ''
  }
  const metrics = async (url: string) => (await fetch(`${url}/metrics`)).text()
  const readiness = async (name: Name) => {
    const response = await fetch(`${urlOf(name)}/health/ready`)
    return { status: response.status, missing: ((await response.json()) as { missing?: string[] }).missing ?? [] }
  }
  const untilReady = () =>
    until(
      () => Promise.all(names.map(readiness)),
      (all) => all.every(({ status }) => status === 200),
    )
  /** Sets every clock, and waits until whoever asks others has seen it. */
  const setClocks = async (clocks: Clocks) => {
    const at = (name: Name) => clocks[name] ?? 0
    await Promise.all(names.map((name) => writeFile(clockFile(name), String(at(name)))))
    const untilSeen = (url: string, asking: Name, asked: Name[]) =>
      until(
        async () => samplesOf(await metrics(url), 'parley_clock_skew_seconds'),
        (seen) =>
          asked.every((name) => {
            const label = `${name.split('-')[0]} ${new URL(urlOf(name)).host}`
            return Math.abs((seen[label] ?? 999) - at(name) + at(asking)) < 1
          }),
      )
    await untilSeen(metricsUrl, 'gateway', [...subgraphs])
    for (const name of subgraphs) if (name !== 'auth') await untilSeen(urlOf(name), name, ['auth'])
  }
  /** Everything that tokens, passports and sockets have a part in. */
  const useEverything = async () => {
    const { url } = started.system.processes.gateway[0] ?? { url: '' }
    const [ann, ben] = (await Promise.all([signUp(url, 'Ann'), signUp(url, 'Ben')])) as [Person, Person]
    const roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
    const reader = follow(url, ben, roomId)
    await reader.until(({ events }) => events.length > 0)
    for (const text of ['1', '2', '3', '4', '5', '6', '7', '8']) await send(ann, roomId, text)
    await reader.until((seen) => seen.sent().length === 8)
    expect(reader.sent().map(({ sender }) => sender?.displayName)).toEqual(Array(8).fill('Ann'))
    expect(reader.errors).toEqual([])
    await reader.close()
    const refreshed = await ask<{ refresh: { accessToken: string } }>(
      url,
      'mutation ($input: RefreshInput) { refresh(input: $input) { accessToken } }',
      { input: { refreshToken: ann.refreshToken } },
    )
    expect(refreshed.errors).toBeUndefined()
    const headers = { authorization: `Bearer ${refreshed.data?.refresh.accessToken}` }
    const me = await ask<{ me: { displayName: string } }>(url, '{ me { displayName } }', {}, headers)
    expect(me).toMatchObject({ data: { me: { displayName: 'Ann' } } })
    expect(me.errors).toBeUndefined()
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-clocks-'))
    await Promise.all(names.map((name) => writeFile(clockFile(name), '0')))
    const port = await freePort()
    metricsUrl = `http://127.0.0.1:${port}`
    started = await startProcessesOnServers(
      // A token outlives a clock that is 29 s wrong only by its tolerance and by what is known of the clock.
      { ACCESS_TOKEN_LIFETIME: '25' },
      {
        counts: { gateway: 1, profile: 2, 'fan-out': 1 },
        only: {
          ...Object.fromEntries(names.map((name) => [name, clockOfFile(clockFile(name))])),
          gateway: { ...clockOfFile(clockFile('gateway')), METRICS_PORT: String(port) },
        },
        onLine: (process, line) => void lines.push(`${process}: ${line}`),
      },
    )
  }, 120_000)
  afterAll(async () => {
    await started?.stop()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  it.each<[string, Clocks]>([
    ['a gateway 3 s ahead', { gateway: 3 }],
    ['a gateway 29 s ahead', { gateway: 29 }],
    ['a gateway 29 s behind', { gateway: -29 }],
    ['every profile 4 s behind', { 'profile-1': -4, 'profile-2': -4 }],
    ['an auth 29 s ahead', { auth: 29 }],
    ['an auth 29 s behind', { auth: -29 }],
    ['one chat 29 s behind, one profile 29 s ahead', { 'chat-2': -29, 'profile-1': 29 }],
  ])(
    'work together with %s, and say how far apart they are',
    async (_, clocks) => {
      lines.length = 0
      await setClocks(clocks)
      await untilReady()
      await useEverything()
      for (const ahead of Object.values(clocks)) {
        const size = Math.abs(ahead)
        expect(lines.filter((line) => / is \S+ s (ahead of|behind) the clock of /.test(line)).join('\n')).toMatch(
          new RegExp(`is ${size}(\\.\\d)? s|is ${size - 1}\\.\\d s`),
        )
      }
    },
    90_000,
  )

  it('send work elsewhere when a gateway is 45 s ahead, and name the clocks', async () => {
    lines.length = 0
    await setClocks({ gateway: 45 })
    const { missing } = await until(
      () => readiness('gateway'),
      ({ status }) => status === 503,
    )
    expect(missing.join()).toMatch(/chat: it refuses this process \(clock\)/)
    // Whoever refuses everybody cannot know who is right.
    await until(
      () => readiness('profile-1'),
      ({ status }) => status === 503,
    )
    const reply = await ask(urlOf('gateway'), '{ rooms { edges { cursor } } }')
    expect(reply.errors?.[0]?.extensions.code).toMatch(/UNAVAILABLE|UNAUTHENTICATED/)
    expect(JSON.stringify(reply.errors)).not.toMatch(/passport|clock/i)
    const log = lines.join('\n')
    expect(log).toMatch(/the clock of gateway at \S+, pid \d+ is 45 s ahead of the clock of chat/)
    expect(log).toMatch(/chat refuses the requests of gateway \(clock\)/)
    expect(lines.filter((line) => /chat-1: .*refuses the requests of gateway/.test(line))).toHaveLength(1)
    expect(samplesOf(await metrics(urlOf('chat-1')), 'parley_passport_refusals_total').clock).toBeGreaterThan(0)
    expect(await metrics(metricsUrl)).toMatch(/parley_refused_by_peers_total\{.*reason="clock".*\} [1-9]/)
    await setClocks({})
    await untilReady()
    await useEverything()
  }, 90_000)

  it('go on with the other replica when one chat is 45 s behind, which is not ready then', async () => {
    await setClocks({ 'chat-2': -45 })
    await until(
      () => readiness('chat-2'),
      ({ status, missing }) => status === 503 && missing.join().includes('clock'),
    )
    expect((await readiness('gateway')).status).toBe(200)
    expect((await readiness('chat-1')).status).toBe(200)
    await useEverything()
    await setClocks({})
    await untilReady()
  }, 90_000)
})

suite('processes that do not know the same passport keys, on real servers', () => {
  it('refuse each other, say why once, and are not ready', async () => {
    const [first, second] = ['a first key of thirty-two characters', 'another key of thirty-two characters']
    const lines: string[] = []
    const { system, stop } = await startProcessesOnServers(
      {},
      {
        counts: { gateway: 1, chat: 1, 'fan-out': 1 },
        only: {
          auth: { PASSPORT_KEYS: `${first},${second}` },
          chat: { PASSPORT_KEYS: `${first},${second}` },
          // The new key is first at the gateway before profile knows it.
          gateway: { PASSPORT_KEYS: `${second},${first}` },
          profile: { PASSPORT_KEYS: first },
        },
        onLine: (process, line) => void lines.push(`${process}: ${line}`),
      },
    )
    try {
      const readiness = async (name: 'gateway' | 'profile' | 'chat') => {
        const response = await fetch(`${system.processes[name][0]?.url}/health/ready`)
        return { status: response.status, text: await response.text() }
      }
      const { text } = await until(
        () => readiness('gateway'),
        ({ text }) => text.includes('key'),
      )
      expect(text).toContain('profile: it refuses this process (key)')
      await until(
        () => readiness('profile'),
        ({ status }) => status === 503,
      )
      await until(
        () => readiness('chat'),
        ({ status }) => status === 200,
      )
      const log = lines.filter((line) => line.includes('refuses'))
      expect(log.join('\n')).toMatch(/profile: .*none of the PASSPORT_KEYS here signed its passport/)
      expect(log.join('\n')).toMatch(/gateway: .*profile refuses the requests of gateway \(key\)/)
      expect(log).toHaveLength(2)
    } finally {
      await stop()
    }
  }, 120_000)
})
