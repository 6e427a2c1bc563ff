import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { v7 as uuidv7 } from 'uuid'
import type { SignedInUser } from '../../../platform/identity/viewer.ts'
import { ann, bob, eve, mel, mod, refusal, refusalCode } from '../testing/people.ts'
import { openTestChat } from '../testing/test-chat.ts'
import type { Chat } from './chat.ts'
import { addMember, changeRole, leaveRoom, removeMember } from './members.ts'
import { deleteMessage, editMessage, sendMessage } from './messages.ts'
import { findMessage, readMessages } from './reading.ts'
import { createRoom, findRoom } from './rooms.ts'

describe('messages', () => {
  let parts: Awaited<ReturnType<typeof openTestChat>>
  let chat: Chat
  let roomId: string
  beforeEach(async () => {
    parts = await openTestChat()
    chat = parts.chat
    roomId = await createRoom(chat, ann, { name: 'Room', kind: 'PRIVATE', topic: null })
    await addMember(chat, ann, roomId, 'mod', 'MODERATOR')
    await addMember(chat, ann, roomId, 'bob', 'MEMBER')
    await addMember(chat, ann, roomId, 'mel', 'MEMBER')
  })
  afterEach(() => parts.close())

  const send = (viewer: SignedInUser, text: string, clientMessageId: string = uuidv7()) =>
    sendMessage(chat, viewer, { roomId, text, clientMessageId })
  const sent = async (viewer: SignedInUser, text = 'text') => (await send(viewer, text)).message
  const head = async () => (await chat.store.log.heads([roomId])).get(roomId)?.seq ?? 0
  const texts = async () => {
    const room = await findRoom(chat, ann, roomId)
    if (!room) throw new Error('The room is gone')
    return (await readMessages(chat, ann, room, { take: 'last', count: 100 })).items.map(({ text }) => text)
  }

  describe('sending', () => {
    it('gives the message as it is kept', async () => {
      const { message, duplicate } = await send(bob, 'hello', 'mine')
      expect(duplicate).toBe(false)
      expect(message).toMatchObject({
        roomId,
        senderId: 'bob',
        text: 'hello',
        clientMessageId: 'mine',
        seq: await head(),
        editedAt: null,
        deletedAt: null,
      })
      expect(await findMessage(chat, mel, message.id)).toEqual(message)
    })

    it('again with the same id gives the first message, with another text too', async () => {
      const { message } = await send(bob, 'hello', 'mine')
      const repeats = await Promise.all([send(bob, 'hello', 'mine'), send(bob, 'other', 'mine')])
      expect(repeats).toEqual([
        { message, duplicate: true },
        { message, duplicate: true },
      ])
      expect(await texts()).toEqual(['hello'])
    })

    it('again gives the message as it stands after it was edited or deleted', async () => {
      const { message } = await send(bob, 'hello', 'mine')
      const edited = await editMessage(chat, bob, message.id, 'hello!')
      expect(await send(bob, 'hello', 'mine')).toEqual({ message: edited, duplicate: true })
      const deleted = await deleteMessage(chat, bob, message.id)
      expect(await send(bob, 'hello', 'mine')).toEqual({ message: deleted, duplicate: true })
    })

    it('keeps one id of two senders, and of two rooms, apart', async () => {
      const other = await createRoom(chat, bob, { name: 'Other', kind: 'PUBLIC', topic: null })
      const results = [
        await send(bob, 'by bob', 'same'),
        await send(mel, 'by mel', 'same'),
        await sendMessage(chat, bob, { roomId: other, text: 'elsewhere', clientMessageId: 'same' }),
      ]
      expect(results.map(({ duplicate }) => duplicate)).toEqual([false, false, false])
    })

    it('again after the removal says that it was committed, and nothing of what it says or became since', async () => {
      const { message } = await send(bob, 'hello', 'mine')
      await removeMember(chat, ann, roomId, 'bob', true)
      const confirmed = { message: { ...message, text: '' }, duplicate: true }
      expect(await send(bob, 'hello', 'mine')).toEqual(confirmed)
      await deleteMessage(chat, ann, message.id)
      expect(await send(bob, 'hello', 'mine')).toEqual(confirmed)
      expect(await refusalCode(send(bob, 'hello', 'other'))).toBe('NOT_FOUND')
    })

    it.each(['__proto__', 'constructor', 'a:b', '%', '$x'])(
      'takes %j as an id like any other',
      async (clientMessageId) => {
        const { message } = await send(bob, 'hello', clientMessageId)
        expect(await send(bob, 'hello', clientMessageId)).toEqual({ message, duplicate: true })
        expect(await send(mel, 'hello', clientMessageId)).toMatchObject({ duplicate: false })
      },
    )
  })

  describe('a message that the viewer may not know of', () => {
    it('is to every function the same as one that does not exist', async () => {
      const { id } = await sent(bob)
      await removeMember(chat, ann, roomId, 'mel', false)
      await leaveRoom(chat, bob, roomId)
      for (const viewer of [eve, mel, bob]) {
        const asks = (messageId: string) => [
          () => editMessage(chat, viewer, messageId, 'x'),
          () => deleteMessage(chat, viewer, messageId),
        ]
        const [ofHidden, ofUnknown] = await Promise.all(
          [id, uuidv7()].map((each) => Promise.all(asks(each).map((ask) => refusal(ask)))),
        )
        expect(ofHidden).toEqual(ofUnknown)
        expect(ofHidden?.map(({ code }) => code)).toEqual(['NOT_FOUND', 'NOT_FOUND'])
        expect(await findMessage(chat, viewer, id)).toBeUndefined()
      }
    })

    it('of a public room is hidden from those who have not joined', async () => {
      const open = await createRoom(chat, ann, { name: 'Open', kind: 'PUBLIC', topic: null })
      const { message } = await sendMessage(chat, ann, { roomId: open, text: 'text', clientMessageId: 'x' })
      expect(await findMessage(chat, eve, message.id)).toBeUndefined()
      expect(await refusal(deleteMessage(chat, eve, message.id))).toEqual(
        await refusal(deleteMessage(chat, eve, uuidv7())),
      )
    })
  })

  describe('editing', () => {
    it('is for the sender only', async () => {
      const { id } = await sent(bob)
      for (const viewer of [mel, mod, ann])
        expect(await refusalCode(editMessage(chat, viewer, id, 'mine now'))).toBe('FORBIDDEN')
      expect(await editMessage(chat, bob, id, 'better')).toMatchObject({ text: 'better', deletedAt: null })
      expect(await texts()).toEqual(['better'])
    })

    it('keeps the message’s place, sender and time', async () => {
      const message = await sent(bob)
      const edited = await editMessage(chat, bob, message.id, 'better')
      expect(edited).toEqual({ ...message, text: 'better', editedAt: edited.editedAt })
      expect(edited.editedAt).not.toBeNull()
      expect(await findMessage(chat, bob, message.id)).toEqual(edited)
    })

    it('to the same text changes nothing', async () => {
      const message = await sent(bob, 'same')
      const before = await head()
      expect(await editMessage(chat, bob, message.id, 'same')).toEqual(message)
      expect(await head()).toBe(before)
    })

    it('of a deleted message is refused', async () => {
      const { id } = await sent(bob)
      await deleteMessage(chat, bob, id)
      expect(await refusalCode(editMessage(chat, bob, id, 'back'))).toBe('FORBIDDEN')
    })

    it('and deleting at once never brings the text back', async () => {
      for (let round = 0; round < 10; round += 1) {
        const { id } = await sent(bob, `secret ${round}`)
        const work = [() => editMessage(chat, bob, id, `secret edit ${round}`), () => deleteMessage(chat, mod, id)]
        await Promise.allSettled((round % 2 ? work : work.toReversed()).map((each) => each()))
        expect(await findMessage(chat, bob, id)).toMatchObject({ text: '' })
      }
      expect(JSON.stringify(await chat.store.log.read(roomId, 0, 1_000))).not.toContain('secret')
    })
  })

  describe('deleting', () => {
    it.each([
      ['bob', bob, { bob: true, mel: false, mod: true, ann: true }],
      ['mod', mod, { bob: false, mel: false, mod: true, ann: true }],
      ['ann', ann, { bob: false, mel: false, mod: false, ann: true }],
    ])('a message of %s', async (_, sender, allowed) => {
      for (const viewer of [bob, mel, mod, ann]) {
        const { id } = await sent(sender)
        if (allowed[viewer.userId as keyof typeof allowed])
          expect(await deleteMessage(chat, viewer, id)).toMatchObject({ id, text: '' })
        else expect(await refusalCode(deleteMessage(chat, viewer, id))).toBe('FORBIDDEN')
      }
    })

    it('goes by the roles of now', async () => {
      const { id } = await sent(bob)
      await changeRole(chat, ann, roomId, 'bob', 'OWNER')
      expect(await refusalCode(deleteMessage(chat, mod, id))).toBe('FORBIDDEN')
      await changeRole(chat, ann, roomId, 'bob', 'MEMBER')
      await deleteMessage(chat, mod, id)
    })

    it('a message of someone who left is for moderators and owners', async () => {
      const { id } = await sent(bob)
      await leaveRoom(chat, bob, roomId)
      expect(await refusalCode(deleteMessage(chat, mel, id))).toBe('FORBIDDEN')
      await deleteMessage(chat, mod, id)
    })

    it('twice, or at once, is harmless and gives the first tombstone', async () => {
      const { id } = await sent(bob)
      const before = await head()
      const [one, two] = await Promise.all([deleteMessage(chat, bob, id), deleteMessage(chat, mod, id)])
      const three = await deleteMessage(chat, ann, id)
      expect(one).toEqual(two)
      expect(three).toEqual(one)
      expect(await head()).toBe(before + 1)
    })

    it('leaves no text anywhere', async () => {
      const { id } = await sent(bob, 'secret')
      await editMessage(chat, bob, id, 'secret edit')
      const tombstone = await deleteMessage(chat, bob, id)
      expect(tombstone.deletedAt).not.toBeNull()
      const kept = [
        await findMessage(chat, bob, id),
        await chat.store.log.read(roomId, 0, 1_000),
        await chat.store.log.unpublished(1_000),
        await texts(),
      ]
      expect(JSON.stringify(kept)).not.toContain('secret')
    })
  })
})
