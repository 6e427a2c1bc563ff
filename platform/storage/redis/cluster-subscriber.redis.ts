import { setTimeout as pause } from 'node:timers/promises'
import { Command } from 'ioredis'
import type { RedisConnection } from '../connection.redis.ts'
import type { RedisAddress, RedisNode } from './address.redis.ts'
import { reconnectDelay } from './client.redis.ts'
import { openNodeSubscriber, type Subscriber, type SubscriberEvents } from './node-subscriber.redis.ts'

/**
 * Subscribes on a cluster: each channel on the node that owns its slot, wherever that moves. (ioredis's own sharded subscribers
 * keep to themselves what a resubscription failed with, so nobody could tell when every channel is heard again.)
 */
export function openClusterSubscriber(
  redis: RedisConnection,
  address: RedisAddress,
  events: SubscriberEvents,
): Subscriber {
  let owners: SlotOwners = { bySlot: [], nodes: new Map() }
  const subscribers = new Map<string, Subscriber>()
  /** Every wanted channel, and whose it is; nobody's while its slot has no owner. */
  const placed = new Map<string, Subscriber | undefined>()
  let placing = false
  let repairing = false
  const closed = new AbortController()

  const whole = () =>
    subscribers.size > 0 &&
    !placing &&
    subscribers.values().every((subscriber) => subscriber.whole()) &&
    placed.values().every((subscriber) => subscriber !== undefined)
  const onChange = () => {
    events.onChange()
    if (!whole()) void repair()
  }
  const place = async (channel: string) => {
    const [before, now] = [placed.get(channel), subscribers.get(owners.bySlot[slotOf(channel)] ?? '')]
    if (before === now) return
    before?.remove(channel)
    placed.set(channel, now)
    await now?.add(channel)
  }
  const placeAll = async () => {
    owners = toSlotOwners((await redis.send('CLUSTER', 'SLOTS')) as SlotsReply)
    if (closed.signal.aborted) return
    placing = true
    for (const [name, node] of owners.nodes) {
      if (!subscribers.has(name)) {
        subscribers.set(name, openNodeSubscriber(node, address, { ...events, onChange }, 'sharded'))
      }
    }
    for (const [name, subscriber] of subscribers) {
      if (owners.nodes.has(name)) continue
      subscribers.delete(name)
      subscriber.close()
    }
    await Promise.all([...placed.keys()].map(place))
    placing = false
  }
  /** Asks who owns which slot, until every channel is subscribed there. */
  const repair = async () => {
    if (repairing) return
    repairing = true
    for (let attempt = 1; !closed.signal.aborted && !whole(); attempt += 1) {
      await placeAll().catch(() => {})
      if (!whole()) await pause(reconnectDelay(attempt), undefined, closed).catch(() => {})
    }
    repairing = false
    if (!closed.signal.aborted) events.onChange()
  }
  void repair()

  return {
    async add(channel) {
      placed.set(channel, undefined)
      await place(channel)
      if (placed.get(channel) === undefined) onChange()
    },
    remove(channel) {
      placed.get(channel)?.remove(channel)
      placed.delete(channel)
    },
    whole,
    close() {
      closed.abort()
      for (const subscriber of subscribers.values()) subscriber.close()
    },
  }
}

type SlotsReply = [from: number, to: number, ...nodes: [host: string | null, port: number][]][]

interface SlotOwners {
  /** The name of the primary of each slot. */
  bySlot: (string | undefined)[]
  /** The primaries by name. */
  nodes: Map<string, RedisNode>
}

function toSlotOwners(reply: SlotsReply): SlotOwners {
  const owners: SlotOwners = { bySlot: [], nodes: new Map() }
  for (const [from, to, primary] of reply) {
    // A node that does not know its own address yet.
    if (!primary?.[0]) continue
    const [host, port] = primary
    const name = `${host}:${port}`
    owners.nodes.set(name, { host, port })
    for (let slot = from; slot <= to; slot += 1) owners.bySlot[slot] = name
  }
  return owners
}

const slotOf = (channel: string) => new Command('get', [channel]).getSlot()
