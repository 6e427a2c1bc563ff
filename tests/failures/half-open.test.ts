import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { ManagedProcess } from '../../dev/processes/managed-process.ts'
import { createRoom, joinRoom, type Person, signUp } from '../clients.ts'
import { eventually } from '../gateway/raw-socket.ts'
import { samplesOf } from '../metric-samples.ts'
import { follow, type Reader } from '../reader.ts'
import { hasServers } from '../servers/place.ts'
import { startProcessesOnServers } from '../servers/processes.ts'
import { startTraffic, type Traffic } from './traffic.ts'

const onServers = (suite: () => void) =>
  describe('readers whose stream comes from a node that freezes, on real servers,', () => {
    if (hasServers()) suite()
    else it.skip('needs MySQL, MongoDB, Redis and Kafka', () => {})
  })

onServers(() => {
  let stop: () => Promise<void>
  let gateway: ManagedProcess
  let chats: ManagedProcess[]
  let ann: Person
  let ben: Person
  let roomId: string
  let readers: Reader[]
  let traffic: Traffic

  beforeAll(async () => {
    const started = await startProcessesOnServers(
      // A frozen node is noticed soon, and so is a send that it does not answer.
      { UPSTREAM_HEARTBEAT: '500', OPERATION_TIMEOUT: '2000', REST_TIMEOUT: '20000' },
      { counts: { gateway: 1, 'fan-out': 1 } },
    )
    stop = started.stop
    const { processes } = started.system
    gateway = processes.gateway[0] as ManagedProcess
    chats = processes.chat
    ann = await signUp(gateway.url, 'Ann')
    ben = await signUp(gateway.url, 'Ben')
    roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
    readers = Array.from({ length: 10 }, (_, index) => follow(gateway.url, index % 2 === 0 ? ann : ben, roomId))
    await Promise.all(readers.map((reader) => reader.until(({ events }) => events.length > 0)))
    traffic = startTraffic({ urls: [gateway.url], writers: [ann, ben, ann, ben], roomId })
  }, 120_000)
  afterAll(async () => {
    // One that a failed test left frozen could not be ended.
    for (const chat of chats ?? []) chat.signal('SIGCONT')
    await traffic?.stop()
    await Promise.all((readers ?? []).map((reader) => reader.close()))
    await stop?.()
  }, 60_000)

  const listenersAt = async ({ url }: ManagedProcess) =>
    samplesOf(await (await fetch(`${url}/metrics`)).text(), 'parley_feed_listeners')['']
  /** The one node that all readers are fed by. */
  const feeding = async (): Promise<ManagedProcess> => {
    let found: ManagedProcess | undefined
    await eventually(async () => {
      const listeners = await Promise.all(chats.map(listenersAt))
      found = chats[listeners.indexOf(1)]
      return listeners.toSorted().join() === '0,1'
    }, 'all readers share one upstream')
    return found as ManagedProcess
  }
  /** Everybody gets so many messages more. */
  const flows = async (count: number) => {
    const enough = Math.max(...readers.map((reader) => reader.sent().length)) + count
    await Promise.all(readers.map((reader) => reader.until((seen) => seen.sent().length >= enough)))
  }

  it('go on by the other node while it is frozen, and hear nothing again when it thaws', async () => {
    for (let round = 0; round < 3; round += 1) {
      const frozen = await feeding()
      frozen.signal('SIGSTOP')
      await flows(30)
      frozen.signal('SIGCONT')
      await flows(30)
      expect(await feeding()).not.toBe(frozen)
    }
    await traffic.stop()
    const count = traffic.acknowledged.size
    await Promise.all(readers.map((reader) => reader.until((seen) => seen.sent().length >= count)))
    await feeding()

    const order = readers[0]?.sent().map(({ text }) => text) ?? []
    expect(order.toSorted()).toEqual([...traffic.acknowledged].toSorted())
    for (const reader of readers) {
      expect(reader.ended).toBeUndefined()
      expect(reader.errors).toEqual([])
      expect(reader.sent().map(({ text }) => text)).toEqual(order)
      const seqs = reader.sent().map(({ seq }) => seq)
      expect(seqs).toEqual(seqs.toSorted((one, other) => one - other))
      for (const { sender } of reader.sent()) expect(['Ann', 'Ben']).toContain(sender?.displayName)
      expect(new Set(reader.events.map(({ __typename }) => __typename))).toEqual(
        new Set(['RoomSnapshot', 'MessageSent']),
      )
    }
    // Sends may have met the frozen node.
    expect(traffic.refusals.difference(new Set(['UNAVAILABLE']))).toEqual(new Set())
  }, 180_000)
})
