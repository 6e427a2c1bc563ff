import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { ann, bob, eve, refusalCode } from '../testing/people.ts'
import { openTestChat } from '../testing/test-chat.ts'
import type { Chat } from './chat.ts'
import { joinRoom, markRead } from './members.ts'
import { sendMessage } from './messages.ts'
import { lastMessages, ownMemberships, unreadCounts } from './overview.ts'
import { createRoom } from './rooms.ts'

describe('the overview of rooms', () => {
  let parts: Awaited<ReturnType<typeof openTestChat>>
  let chat: Chat
  let roomId: string

  beforeEach(async () => {
    parts = await openTestChat()
    chat = parts.chat
    roomId = await createRoom(chat, ann, { name: 'Room', kind: 'PUBLIC', topic: null })
  })
  afterEach(() => parts.close())
  const say = async (text: string) =>
    (await sendMessage(chat, ann, { roomId, text, clientMessageId: text })).message.seq

  it('tells members the newest message, and nobody else', async () => {
    await say('one')
    await say('two')
    expect((await lastMessages(chat, ann, [roomId])).map(({ text }) => text)).toEqual(['two'])
    expect(await lastMessages(chat, eve, [roomId])).toEqual([])
    expect(await lastMessages(chat, 'anonymous', [roomId])).toEqual([])
  })

  it('counts what others sent since the viewer joined and read', async () => {
    await say('before')
    await joinRoom(chat, bob, roomId)
    expect((await unreadCounts(chat, bob, [roomId])).get(roomId)).toBe(0)
    const one = await say('one')
    await say('two')
    expect((await unreadCounts(chat, bob, [roomId])).get(roomId)).toBe(2)
    await markRead(chat, bob, roomId, parts.positionAt(roomId, one))
    expect((await unreadCounts(chat, bob, [roomId])).get(roomId)).toBe(1)
    expect((await unreadCounts(chat, ann, [roomId])).get(roomId)).toBe(0)
    expect(await unreadCounts(chat, eve, [roomId])).toEqual(new Map())
  })

  it('knows the memberships of the viewer alone', async () => {
    expect(await ownMemberships(chat, ann, [roomId])).toMatchObject([{ roomId, role: 'OWNER' }])
    expect(await ownMemberships(chat, eve, [roomId])).toEqual([])
    expect(await ownMemberships(chat, 'anonymous', [roomId])).toEqual([])
  })

  it('is refused to everyone: one answer would stand for all', async () => {
    for (const ask of [lastMessages, ownMemberships, unreadCounts]) {
      expect(await refusalCode(ask(chat, 'everyone', [roomId]))).toBe('UNAUTHENTICATED')
    }
  })
})
