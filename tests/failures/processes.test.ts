import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { ManagedProcess } from '../../dev/processes/managed-process.ts'
import { processNames } from '../../dev/processes/system-processes.ts'
import { closeCodes } from '../../schema/close-codes.ts'
import { ask, createRoom, joinRoom, type Person, signUp } from '../clients.ts'
import { hasServers } from '../servers/place.ts'
import { startProcessesOnServers } from '../servers/processes.ts'
import { followThrough, type ResumingReader } from './resuming-reader.ts'
import { startTraffic, type Traffic } from './traffic.ts'

const loginQuery = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }'

const onServers = (suite: () => void) =>
  describe('under traffic, on real servers', () => {
    if (hasServers()) suite()
    else it.skip('needs MySQL, MongoDB, Redis and Kafka', () => {})
  })

onServers(() => {
  let system: Awaited<ReturnType<typeof startProcessesOnServers>>
  let urls: string[]
  let ann: Person
  let ben: Person
  /** Signs in again and again: an account has only so many living sessions. */
  let eve: Person

  beforeAll(async () => {
    system = await startProcessesOnServers({}, { counts: { auth: 2, profile: 2 } })
    urls = system.system.processes.gateway.map(({ url }) => url)
    ann = await signUp(urls[0] ?? '', 'Ann')
    ben = await signUp(urls[1] ?? '', 'Ben')
    eve = await signUp(urls[1] ?? '', 'Eve')
  }, 120_000)
  afterAll(() => system?.stop(), 60_000)

  /** Does the work while clients write, read, sign in and ask; then everything acknowledged has come, once and in order. */
  const underTraffic = async (work: (traffic: Traffic, readers: ResumingReader[]) => Promise<void>) => {
    const roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
    const readers = await Promise.all([urls, urls.toReversed()].map((order) => followThrough(order, () => ben, roomId)))
    const traffic = startTraffic({
      urls,
      writers: [ann, ben],
      roomId,
      also: {
        'a login': (url) => ask(url, loginQuery, { input: { username: eve.username, password: eve.password } }),
        'the own profile and rooms': (url) =>
          ask(url, '{ me { displayName } rooms { edges { cursor } } }', {}, ann.headers),
      },
    })
    try {
      await work(traffic, readers)
      await traffic.stop()
      for (const reader of readers) {
        await reader.until('everything acknowledged has come', (messages) =>
          traffic.acknowledged.isSubsetOf(new Set(messages.map(({ text }) => text))),
        )
        expect(reader.faults()).toEqual([])
      }
    } finally {
      await Promise.all([traffic.stop(), ...readers.map((reader) => reader.close())])
    }
  }
  /** Some more of everything is answered. */
  const flows = async (traffic: Traffic) => {
    const [sends, others] = [traffic.acknowledged.size, traffic.answered()]
    for (
      const end = Date.now() + 20_000;
      traffic.acknowledged.size < sends + 10 || traffic.answered() < others + 10;
    ) {
      if (Date.now() > end) throw new Error(`The traffic has stopped: ${traffic.failures.at(-1)}`)
      await pause(20)
    }
  }
  const everyProcess = (): ManagedProcess[] => processNames.flatMap((name) => system.system.processes[name])

  it('every process can be replaced in turn: nobody notices who asks once more', async () => {
    await underTraffic(async (traffic, readers) => {
      for (const process of everyProcess()) {
        await flows(traffic)
        expect([process.name, await process.end('SIGTERM')]).toEqual([process.name, 0])
        await process.start()
      }
      await flows(traffic)
      expect(traffic.failures).toEqual([])
      // A gateway that ends takes leave of its sockets: none is just cut.
      expect(new Set(readers.flatMap((reader) => reader.closeCodes()))).toEqual(new Set([closeCodes.goingAway]))
    })
  }, 240_000)

  it('every process can die, and nothing acknowledged is lost', async () => {
    await underTraffic(async (traffic) => {
      for (const process of everyProcess()) {
        await flows(traffic)
        await process.end('SIGKILL')
        await flows(traffic)
        await process.start()
      }
      await flows(traffic)
      expect(traffic.refusals.difference(deathCodes)).toEqual(new Set())
    })
  }, 240_000)
})

/** What a client may meet when a process dies under it: the graph's own word, or its connection to a gateway. */
const deathCodes = new Set(['UNAVAILABLE', 'ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET'])
