import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createRoom, type Person, send, signUp } from '../clients.ts'
import { onEachEngine, type System } from '../engines.ts'
import { connect, eventually } from '../gateway/raw-socket.ts'

onEachEngine('an alias that stands for different fields under different types', (start) => {
  let system: System
  let ann: Person
  let roomId: string

  beforeAll(async () => {
    system = await start()
    ann = await signUp(system.url, 'Ann')
    roomId = await createRoom(ann)
  }, 90_000)
  afterAll(() => system?.stop(), 60_000)

  const edit = (messageId: string, text: string) =>
    ann.do('mutation ($input: EditMessageInput!) { editMessage(input: $input) { id } }', { input: { messageId, text } })

  it('gives each event its own field: to a stream of its own, to a shared one, and in what is replayed', async () => {
    const { message } = await send(ann, roomId, 'before')
    await edit(message.id, 'edited before')
    const query = `subscription ($roomId: ID!, $after: String) { roomEvents(roomId: $roomId, after: $after) {
      __typename
      ... on MessageSent { message { sender { n: displayName } } }
      ... on MessageEdited { message { sender { n: username } } }
    } }`
    const authors = (events: { data: { roomEvents: { __typename: string; message?: { sender: { n: string } } } } }[]) =>
      events.flatMap(({ data: { roomEvents: event } }) =>
        event.message ? [[event.__typename, event.message.sender.n]] : [],
      )
    const both = [
      ['MessageSent', 'Ann'],
      ['MessageEdited', ann.username],
    ]

    const socket = await connect(system.url, ann.headers.authorization)
    socket.subscribe('live', query, { roomId })
    socket.subscribe('replayed', query, { roomId, after: message.cursor })
    const edits = () => authors(socket.nexts('replayed'))
    await eventually(() => edits().length === 1, 'the edit is replayed')
    expect(edits()).toEqual([['MessageEdited', ann.username]])
    for (let round = 1; round <= 3; round += 1) {
      const { message: next } = await send(ann, roomId, 'live')
      await edit(next.id, 'edited live')
      const count = 2 * round
      await eventually(() => authors(socket.nexts('live')).length === count, 'both have come')
    }
    expect(authors(socket.nexts('live'))).toEqual([...both, ...both, ...both])
    await socket.close()
  })

  it('or for the key of an entity, gives each its own field in queries and mutations', async () => {
    const data = await ann.do<{ room: object }>(
      `query ($roomId: ID!) { room(id: $roomId) { members { edges { node { userId: role user { id: displayName n: username } } } } } }`,
      { roomId },
    )
    expect(data.room).toEqual({
      members: { edges: [{ node: { userId: 'OWNER', user: { id: 'Ann', n: ann.username } } }] },
    })
    const sent = await ann.do<{ sendMessage: object }>(
      `mutation ($roomId: ID!) { sendMessage(input: { roomId: $roomId, text: "t", clientMessageId: "aliases" }) {
        message { id: text senderId: clientMessageId sender { id: username username: displayName } }
      } }`,
      { roomId },
    )
    expect(sent.sendMessage).toEqual({
      message: { id: 't', senderId: 'aliases', sender: { id: ann.username, username: 'Ann' } },
    })
  })
})
