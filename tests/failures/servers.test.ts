import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type ServerName, serverNames } from '../../dev/stack/server.ts'
import { ask, createRoom, joinRoom, type Person, type Reply, signIn, signUp } from '../clients.ts'
import { makePlace, type ServerPlace } from '../servers/place.ts'
import { startProcessesOnServers } from '../servers/processes.ts'
import { missingServers, type Outage, type OwnServers, outages, startOwnServers } from './own-servers.ts'
import { followThrough, type ResumingReader } from './resuming-reader.ts'
import { startTraffic, type Traffic } from './traffic.ts'

/** How long each server is away, and how soon after its return all has to work again, in milliseconds. */
const away = 10_000
const recovery = 10_000

const loginQuery =
  'mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken userId session { id } } }'
const refreshQuery = 'mutation ($input: RefreshInput) { refresh(input: $input) { refreshToken } }'
const codeOf = ({ errors }: Reply<unknown>) => errors?.[0]?.extensions.code

describe('a server that goes away under traffic, and comes back', () => {
  const missing = missingServers()
  if (missing.length > 0) return void it.skip(`needs ${missing.join(', ')}`, () => {})

  let servers: OwnServers
  let place: ServerPlace
  let system: Awaited<ReturnType<typeof startProcessesOnServers>>
  let urls: string[]
  let ann: Person
  let ben: Person
  const deaths: string[] = []

  beforeAll(async () => {
    servers = await startOwnServers()
    place = await makePlace(servers.url)
    system = await startProcessesOnServers({}, { place, onUnexpectedEnd: (process) => void deaths.push(process) })
    urls = system.system.processes.gateway.map(({ url }) => url)
    ann = await signUp(urls[0] ?? '', 'Ann')
    ben = await signUp(urls[1] ?? '', 'Ben')
  }, 120_000)
  afterAll(async () => {
    await system?.stop()
    await servers?.stop()
  }, 60_000)

  const gateway = (index: number) => urls[index % urls.length] ?? ''
  const login = (who: Person) =>
    ask(gateway(0), loginQuery, { input: { username: who.username, password: who.password } })
  const refresh = (who: Person) => ask(gateway(1), refreshQuery, { input: { refreshToken: who.refreshToken } })
  const me = (who: Person) =>
    ask<{ me: { displayName: string } | null }>(gateway(1), '{ me { displayName } }', {}, who.headers)
  const rooms = (who: Person) => ask(gateway(0), '{ rooms { edges { cursor } } }', {}, who.headers)

  /** Waits until the work answers with this code; undefined: without errors. */
  const answers = async (
    what: string,
    work: () => Promise<Reply<unknown>>,
    code: string | undefined,
    within = away,
  ) => {
    let last: unknown
    for (const end = Date.now() + within; Date.now() < end; await pause(100)) {
      const reply = await work().catch((error) => error as Error)
      last = reply instanceof Error ? reply.message : codeOf(reply)
      if (!(reply instanceof Error) && codeOf(reply) === code) return
    }
    throw new Error(`${what} should have answered ${code ?? 'without errors'}, and gave ${last}`)
  }
  /** Sends go on being acknowledged, and both readers go on getting them. */
  const goesOn = async (traffic: Traffic, readers: ResumingReader[]) => {
    const before = traffic.acknowledged.size
    const seen = readers.map((reader) => reader.messages().length)
    await until('sends are acknowledged while a server is away', () => traffic.acknowledged.size >= before + 10)
    await Promise.all(
      readers.map((reader, index) =>
        reader.until('messages come while a server is away', ({ length }) => length >= (seen[index] ?? 0) + 10, away),
      ),
    )
  }

  /** What still works while a server is away, and what says that it does not. */
  const whileAway: Record<ServerName, (traffic: Traffic, readers: ResumingReader[]) => Promise<unknown>> = {
    mysql: (traffic, readers) =>
      Promise.all([
        answers('a login', () => login(ann), 'UNAVAILABLE'),
        answers('a refresh', () => refresh(ann), 'UNAVAILABLE'),
        answers('the own profile', () => me(ann), 'UNAVAILABLE'),
        answers('the list of rooms', () => rooms(ann), undefined),
        goesOn(traffic, readers),
      ]),
    mongodb: (traffic) =>
      Promise.all([
        answers('the list of rooms', () => rooms(ann), 'UNAVAILABLE'),
        answers('a login', () => login(ann), undefined),
        answers('the own profile', () => me(ann), undefined),
        until('sends are refused', () => traffic.refusals.has('UNAVAILABLE')),
      ]),
    redis: async (traffic, readers) => {
      const [leaving, staying] = await Promise.all([signIn(gateway(0), ann), signIn(gateway(1), ann)])
      await Promise.all([
        answers('a login', () => login(ann), undefined),
        answers('a refresh', () => refresh(staying), undefined),
        goesOn(traffic, readers),
      ])
      // What would have to be told to everybody at once is refused, and holds all the same: fail closed.
      await answers('a logout', () => leaving.try('mutation { logout }'), 'UNAVAILABLE')
      await answers('a session that has ended', () => me(leaving), 'UNAUTHENTICATED')
    },
    kafka: async (traffic, readers) => {
      await Promise.all([goesOn(traffic, readers), answers('a login', () => login(ann), undefined)])
      // The account is there, and is not shown as deleted before its profile is made.
      const newcomer = await signUp(gateway(0), 'Newcomer')
      await answers('the profile of a new account', () => me(newcomer), 'UNAVAILABLE')
    },
  }
  const until = async (what: string, condition: () => boolean, within = away) => {
    for (const end = Date.now() + within; !condition(); await pause(20))
      if (Date.now() > end) throw new Error(`Waited in vain until ${what}`)
  }

  /** All of it works again, soon. */
  const isBack = async (traffic: Traffic) => {
    const acknowledged = traffic.acknowledged.size
    await Promise.all([
      answers('a login', () => login(ann), undefined, recovery),
      answers('the own profile', () => me(ann), undefined, recovery),
      answers('the list of rooms', () => rooms(ann), undefined, recovery),
      until('sends are acknowledged again', () => traffic.acknowledged.size > acknowledged + 5, recovery),
    ])
    const newcomer = await signUp(gateway(0), 'New')
    await answers('a profile made since', () => me(newcomer), undefined, recovery)
  }

  const scenarios = serverNames.flatMap((name) => outages.map((how) => [name, how] as const))
  const scenario = async (name: ServerName, how: Outage) => {
    deaths.length = 0
    const roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
    const readers = await Promise.all([urls, urls.toReversed()].map((order) => followThrough(order, () => ben, roomId)))
    const traffic = startTraffic({ urls, writers: [ann, ben], roomId })
    try {
      await until('traffic flows', () => traffic.acknowledged.size > 20, 20_000)
      const bringBack = await servers.takeAway(name, how)
      // The outage lasts its time, however soon all of this is seen.
      await Promise.all([pause(away), whileAway[name](traffic, readers)]).finally(() => bringBack())
      await isBack(traffic)
      await traffic.stop()
      expect(traffic.refusals.difference(new Set(['UNAVAILABLE']))).toEqual(new Set())
      for (const reader of readers) {
        const isWhole = (messages: { text: string }[]) =>
          traffic.acknowledged.isSubsetOf(new Set(messages.map(({ text }) => text)))
        await reader.until('everything acknowledged has come', isWhole, recovery)
        expect(reader.faults()).toEqual([])
      }
      expect(deaths).toEqual([])
    } finally {
      await Promise.all([traffic.stop(), ...readers.map((reader) => reader.close())])
    }
  }
  it.each(scenarios)('%s, %s', scenario, 120_000)
})
