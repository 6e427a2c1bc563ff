import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createRoom, joinRoom, type Person, send, signUp } from '../clients.ts'
import { onEachEngine, type System } from '../engines.ts'
import { connect, eventually, type RawSocket } from '../gateway/raw-socket.ts'
import { samplesOf } from '../metric-samples.ts'

const members = 25
const socketsOfEach = 20

/** What is asked in three ways: of each event, and of messages. */
const selections = [
  {
    event: ['cursor', '__typename', '... on MemberLeft { userId }'],
    message: ['text', 'sender { displayName }', 'seq'],
  },
  {
    event: ['cursor', '... on MemberLeft { userId reason }'],
    message: ['senderId', 'text', 'sender { displayName id }'],
  },
  {
    event: ['cursor', '... on MemberLeft { userId user { displayName } }'],
    message: ['text', 'seq', 'sender { displayName }'],
  },
]

/** The question in words that no other client uses: the order of fields, names, and what is a literal. */
function wordedBy(n: number, roomId: string) {
  const { event, message } = selections[n % selections.length] as (typeof selections)[number]
  const ordered = (list: string[]) => [...list.slice(n % list.length), ...list.slice(0, n % list.length)].join(' ')
  const sent = `... on MessageSent { message { ${ordered(message)} } }`
  const fields = n % 2 === 0 ? `${ordered(event)} ${sent}` : `${sent} ${ordered(event)}`
  switch (n % 4) {
    case 0:
      return {
        query: `subscription Of${n}($room${n}: ID!, $from: String) { roomEvents(after: $from, roomId: $room${n}) { ${fields} } }`,
        variables: { [`room${n}`]: roomId },
      }
    case 1:
      return { query: `subscription { roomEvents(roomId: "${roomId}") { ${fields} } } # ${n}` }
    case 2:
      return {
        query: `subscription ($id: ID!) { ...all${n} } fragment all${n} on Subscription { roomEvents(roomId: $id) { ${fields} } }`,
        variables: { id: roomId },
      }
    default:
      return {
        query: `query Rooms { rooms { edges { cursor } } }
          subscription Room${n}($id: ID!) { roomEvents(roomId: $id) { ...event${n} } }
          fragment event${n} on RoomEvent { ${fields} }`,
        operationName: `Room${n}`,
        variables: { id: roomId },
      }
  }
}

interface Follower {
  who: Person
  socket: RawSocket
}

onEachEngine('five hundred sockets that follow a room in three ways', (start) => {
  let system: System
  let gateways: string[]
  let people: Person[]
  let ann: Person
  let roomId: string
  let followers: Follower[]
  /** The texts that were acknowledged. */
  const acknowledged: string[] = []

  beforeAll(async () => {
    system = await start({ restTimeout: 20_000 })
    gateways = [...new Set([system.url, system.otherUrl])]
    people = await Promise.all(
      Array.from({ length: members }, (_, index) => signUp(gatewayOf(index), `Member ${index}`)),
    )
    ann = people[0] as Person
    roomId = await createRoom(ann)
    await Promise.all(people.slice(1).map((who) => joinRoom(who, roomId)))
    followers = []
    while (followers.length < members * socketsOfEach) {
      const more = Array.from({ length: 50 }, (_, index) => openFollower(followers.length + index))
      followers.push(...(await Promise.all(more)))
    }
  }, 180_000)
  afterAll(async () => {
    for (const { socket } of followers ?? []) socket.socket.terminate()
    await system?.stop()
  }, 60_000)

  const gatewayOf = (index: number) => gateways[index % gateways.length] as string
  /** The sockets of one person are at every gateway, and ask in every way. */
  const openFollower = async (index: number): Promise<Follower> => {
    const who = people[Math.floor(index / socketsOfEach)] as Person
    const socket = await connect(gatewayOf(index), who.headers.authorization)
    socket.send({ id: 'room', type: 'subscribe', payload: wordedBy(index, roomId) })
    await socket.find(({ id }) => id === 'room')
    return { who, socket }
  }
  const upstreams = async () => {
    const texts = await Promise.all(system.chats.map(async (url) => (await fetch(`${url}/metrics`)).text()))
    return texts.reduce((sum, text) => sum + (samplesOf(text, 'parley_feed_listeners')[''] ?? 0), 0)
  }
  const eventsOf = ({ socket }: Follower) => socket.nexts('room').map(({ data }) => data.roomEvents)
  const messagesOf = (follower: Follower) => eventsOf(follower).flatMap(({ message }) => message ?? [])
  const textsOf = (follower: Follower) => messagesOf(follower).map(({ text }) => text)
  const endOf = ({ socket }: Follower) => socket.messages.find(({ id, type }) => id === 'room' && type !== 'next')
  const isRemoved = ({ who }: Follower) => who === people[7]

  /** Several write at once, each at its own gateway. */
  const write = async (name: string, count: number) => {
    const writers = people.slice(0, 5).map(async (who) => {
      for (let turn = 0; turn < count; turn += 1) {
        const { message } = await send(who, roomId, `${name}/${who.displayName}/${turn}`)
        acknowledged.push(message.text)
      }
    })
    await Promise.all(writers)
  }
  const allHaveAll = (readers: Follower[]) =>
    eventually(
      () => readers.every((each) => messagesOf(each).length === acknowledged.length),
      `everybody has ${acknowledged.length} messages`,
    )

  it('have three upstreams at chat for each gateway', async () => {
    await eventually(async () => (await upstreams()) === 3 * gateways.length, 'all are shared')
  })

  it('get every message once and in the same order, with its sender', async () => {
    await write('first', 6)
    await allHaveAll(followers)
    expect(new Set(followers.map((each) => textsOf(each).join())).size).toBe(1)
    expect(textsOf(followers[0] as Follower).toSorted()).toEqual(acknowledged.toSorted())
    for (const follower of followers) {
      for (const { text, sender } of messagesOf(follower)) expect(sender.displayName).toBe(text.split('/')[1])
      expect(follower.socket.nexts('room').filter((payload) => Object.keys(payload).join() !== 'data')).toEqual([])
    }
    expect(await upstreams()).toBe(3 * gateways.length)
  })

  it('see a member removed while others write: it gets MemberLeft and nothing more, the others miss nothing', async () => {
    const removed = followers.filter(isRemoved)
    const others = followers.filter((each) => !isRemoved(each))
    expect(removed).toHaveLength(socketsOfEach)
    const writing = write('second', 6)
    await eventually(() => textsOf(followers[0] as Follower).some((text) => text.startsWith('second')), 'they write')
    await ann.do('mutation ($roomId: ID!, $userId: ID!) { removeMember(roomId: $roomId, userId: $userId) }', {
      roomId,
      userId: people[7]?.userId,
    })
    await writing
    await write('third', 2)
    await allHaveAll(others)

    for (const follower of removed) {
      await eventually(() => endOf(follower) !== undefined, 'the subscription has ended')
      expect(endOf(follower)).toEqual({ id: 'room', type: 'complete' })
      expect(follower.socket.messages.at(-1)).toEqual(endOf(follower))
      expect(eventsOf(follower).at(-1)).toMatchObject({ userId: people[7]?.userId })
      expect(textsOf(follower).filter((text) => text.startsWith('third'))).toEqual([])
    }
    const orders = others.map((each) => eventsOf(each).flatMap(({ message, userId }) => message?.text ?? userId ?? []))
    expect(new Set(orders.map((order) => order.join())).size).toBe(1)
    const [order = []] = orders
    expect(order.filter((text) => text !== people[7]?.userId).toSorted()).toEqual(acknowledged.toSorted())
    const until = order.slice(0, order.indexOf(people[7]?.userId))
    for (const follower of removed) expect(textsOf(follower)).toEqual(until)
    expect(others.filter((each) => endOf(each) !== undefined)).toEqual([])
    expect(await upstreams()).toBe(3 * gateways.length)
  })

  it('leave nothing behind at chat when they go', async () => {
    for (const { socket } of followers) socket.socket.terminate()
    await eventually(async () => (await upstreams()) === 0, 'chat has no listener left')
  })
})
