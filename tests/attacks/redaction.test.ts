import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createRoom, joinRoom, type Person, type Reply, type SentMessage, send, signUp, trySend } from '../clients.ts'
import { onEachEngine, type System } from '../engines.ts'
import { follow } from '../reader.ts'

const editMutation = 'mutation ($input: EditMessageInput!) { editMessage(input: $input) { id } }'
const deleteMutation = 'mutation ($messageId: ID!) { deleteMessage(messageId: $messageId) { id } }'

onEachEngine('a text that was replaced or deleted', (start) => {
  let system: System
  let ann: Person
  let ben: Person
  let roomId: string
  /** What nobody may be given any more. */
  let secret: string
  let edited: SentMessage['message']
  let firstCursor: string
  const repeatedId = randomUUID()

  const edit = (who: Person, messageId: string, text: string) => who.do(editMutation, { input: { messageId, text } })

  beforeAll(async () => {
    system = await start()
    ann = await signUp(system.url, 'Ann')
    ben = await signUp(system.otherUrl, 'Ben')
    secret = `secret-${randomUUID()}`
    roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
    firstCursor = (await send(ann, roomId, 'hello')).message.cursor
    edited = (await send(ben, roomId, `${secret} 1`, repeatedId)).message
    const removed = (await send(ann, roomId, `${secret} 2`)).message
    await edit(ben, edited.id, `${secret} 3`)
    await edit(ben, edited.id, 'present')
    await edit(ann, removed.id, `${secret} 4`)
    await ann.do(deleteMutation, { messageId: removed.id })
  }, 90_000)
  afterAll(() => system?.stop(), 60_000)

  it('is given to no newcomer, from any position and at any gateway', async () => {
    for (const url of [system.url, system.otherUrl]) {
      const eve = await signUp(url, 'Eve')
      await joinRoom(eve, roomId)
      const snapshot = follow(url, eve, roomId)
      const replay = follow(url, eve, roomId, firstCursor)
      for (const reader of [snapshot, replay])
        await reader.until(({ events }) => events.some(({ __typename }) => /RoomSnapshot|CaughtUp/.test(__typename)))
      const pages = await eve.do(
        `query ($roomId: ID!) { room(id: $roomId) {
           lastMessage { text } messages(last: 100) { edges { node { text } } } } }`,
        { roomId },
      )
      expect(JSON.stringify([snapshot.events, replay.events, pages])).not.toContain(secret)
      expect(JSON.stringify(pages)).toContain('present')

      // Applied in order, the events end in the present state.
      const texts = new Map(replay.events.flatMap(({ message }) => (message ? [[message.seq, message.text]] : [])))
      expect(texts.get(edited.seq)).toBe('present')
      await Promise.all([snapshot.close(), replay.close()])
    }
  })

  it('is given to nobody by the repeat of a send; one who was removed learns only that it was committed', async () => {
    const again = (): Promise<Reply<{ sendMessage: SentMessage }>> => trySend(ben, roomId, 'again', repeatedId)
    expect((await again()).data?.sendMessage).toMatchObject({
      duplicate: true,
      message: { id: edited.id, text: 'present' },
    })
    await ann.do('mutation ($roomId: ID!, $userId: ID!) { removeMember(roomId: $roomId, userId: $userId) }', {
      roomId,
      userId: ben.userId,
    })
    const confirmed = { duplicate: true, message: { id: edited.id, seq: edited.seq, text: '' } }
    expect((await again()).data?.sendMessage).toMatchObject(confirmed)
    await ann.do(deleteMutation, { messageId: edited.id })
    expect((await again()).data?.sendMessage).toMatchObject(confirmed)
  })
})
