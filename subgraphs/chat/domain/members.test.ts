import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { v7 as uuidv7 } from 'uuid'
import { ann, bob, eve, mel, mod, refusal, refusalCode } from '../testing/people.ts'
import { openTestChat } from '../testing/test-chat.ts'
import type { Chat } from './chat.ts'
import { addMember, changeRole, joinRoom, leaveRoom, markRead, removeMember } from './members.ts'
import { deleteMessage, editMessage, sendMessage } from './messages.ts'
import { findMessage, readMembers, readMessages } from './reading.ts'
import type { RoomKind, RoomRole } from './room-event.ts'
import { followRoom } from './room-events.ts'
import { createRoom, findRoom, myRooms, publicRooms, updateRoom } from './rooms.ts'

describe('members', () => {
  let parts: Awaited<ReturnType<typeof openTestChat>>
  let chat: Chat
  let roomId: string

  /** A room of ann's with a moderator and the members bob and mel. Eve is outside. */
  const makeRoom = async (kind: RoomKind) => {
    const id = await createRoom(chat, ann, { name: 'Room', kind, topic: null })
    await addMember(chat, ann, id, 'mod', 'MODERATOR')
    await addMember(chat, mod, id, 'bob', 'MEMBER')
    await addMember(chat, mod, id, 'mel', 'MEMBER')
    return id
  }
  beforeEach(async () => {
    parts = await openTestChat()
    chat = parts.chat
    roomId = await makeRoom('PUBLIC')
  })
  afterEach(() => parts.close())

  const roleOf = async (userId: string) => (await chat.store.state.memberships(userId, [roomId]))[0]?.role
  const head = async () => (await chat.store.log.heads([roomId])).get(roomId)?.seq ?? 0
  const newMessage = (id = roomId) => ({ roomId: id, text: 'text', clientMessageId: uuidv7() })
  /** Whether something was committed meanwhile. */
  const commits = async (work: () => Promise<unknown>) => {
    const before = await head()
    await work()
    return (await head()) - before
  }

  it('a new room has its maker as owner, and nobody else, from its first event on', async () => {
    const id = await createRoom(chat, bob, { name: 'New', kind: 'PRIVATE', topic: 'Topic' })
    expect(await findRoom(chat, bob, id)).toMatchObject({
      name: 'New',
      kind: 'PRIVATE',
      topic: 'Topic',
      memberCount: 1,
      ownerCount: 1,
    })
    expect(await chat.store.state.memberships('bob', [id])).toMatchObject([{ role: 'OWNER', joinedSeq: 1 }])
    const events = await chat.store.log.read(id, 0, 10)
    expect(events.map(({ change }) => change)).toEqual([
      { type: 'RoomUpdated', name: 'New', kind: 'PRIVATE', topic: 'Topic', ownerId: 'bob' },
    ])
  })

  it.each(['anonymous', 'everyone'] as const)(
    'nobody does anything without being signed in: not %s',
    async (viewer) => {
      const room = await findRoom(chat, ann, roomId)
      if (!room) throw new Error('Ann should see the room')
      const asks: (() => Promise<unknown>)[] = [
        async () => createRoom(chat, viewer, { name: 'x', kind: 'PUBLIC', topic: null }),
        async () => updateRoom(chat, viewer, roomId, { name: 'x' }),
        async () => joinRoom(chat, viewer, roomId),
        async () => leaveRoom(chat, viewer, roomId),
        async () => addMember(chat, viewer, roomId, 'eve', 'MEMBER'),
        async () => removeMember(chat, viewer, roomId, 'bob', false),
        async () => changeRole(chat, viewer, roomId, 'bob', 'OWNER'),
        async () => markRead(chat, viewer, roomId, parts.positionAt(roomId, 1)),
        async () => sendMessage(chat, viewer, newMessage()),
        async () => editMessage(chat, viewer, 'x', 'x'),
        async () => deleteMessage(chat, viewer, 'x'),
        async () => findRoom(chat, viewer, roomId),
        async () => myRooms(chat, viewer, { first: 1 }),
        async () => publicRooms(chat, viewer, '', { first: 1 }),
        async () => findMessage(chat, viewer, 'x'),
        async () => readMessages(chat, viewer, room, { take: 'last', count: 1 }),
        async () => readMembers(chat, viewer, room, { first: 1 }),
      ]
      for (const ask of asks) expect(await refusalCode(ask)).toBe('UNAUTHENTICATED')
      expect(await refusalCode(followRoom(chat, 'anonymous', roomId, undefined))).toBe('UNAUTHENTICATED')
    },
  )

  describe('a room that the viewer may not know of', () => {
    it('is to every function the same as one that does not exist', async () => {
      const hidden = await makeRoom('PRIVATE')
      await removeMember(chat, ann, hidden, 'mel', true)
      const unknown = uuidv7()
      for (const viewer of [eve, mel]) {
        const asks = (id: string): (() => Promise<unknown>)[] => [
          () => updateRoom(chat, viewer, id, { name: 'x' }),
          () => joinRoom(chat, viewer, id),
          () => leaveRoom(chat, viewer, id),
          () => addMember(chat, viewer, id, 'eve', 'MEMBER'),
          () => addMember(chat, viewer, id, 'eve', 'OWNER'),
          () => removeMember(chat, viewer, id, 'ann', true),
          () => removeMember(chat, viewer, id, 'nobody', false),
          () => changeRole(chat, viewer, id, 'ann', 'MEMBER'),
          () => markRead(chat, viewer, id, parts.positionAt(id, 1)),
          () => sendMessage(chat, viewer, newMessage(id)),
          () => followRoom(chat, viewer, id, undefined),
          () => followRoom(chat, viewer, id, 'garbage'),
        ]
        const [ofHidden, ofUnknown] = await Promise.all(
          [hidden, unknown].map((id) => Promise.all(asks(id).map((ask) => refusal(ask)))),
        )
        expect(ofHidden).toEqual(ofUnknown)
        expect(new Set(ofHidden?.map(({ code }) => code))).toEqual(new Set(['NOT_FOUND']))
        expect(await findRoom(chat, viewer, hidden)).toBeUndefined()
        expect(await findRoom(chat, viewer, unknown)).toBeUndefined()
      }
    })

    it('is listed to its members only', async () => {
      const hidden = await makeRoom('PRIVATE')
      expect((await publicRooms(chat, bob, '', { first: 10 })).items.map(({ id }) => id)).toEqual([roomId])
      expect((await myRooms(chat, bob, { first: 10 })).items.map(({ room }) => room.id).toSorted()).toEqual(
        [roomId, hidden].toSorted(),
      )
      expect((await myRooms(chat, eve, { first: 10 })).items).toEqual([])
    })
  })

  describe('a public room', () => {
    it('is seen by all, and read, written and followed by members only', async () => {
      const room = await findRoom(chat, eve, roomId)
      if (!room) throw new Error('Eve should see the room')
      const asks = [
        () => sendMessage(chat, eve, newMessage()),
        () => markRead(chat, eve, roomId, parts.positionAt(roomId, 1)),
        () => leaveRoom(chat, eve, roomId),
        () => updateRoom(chat, eve, roomId, { name: 'x' }),
        () => addMember(chat, eve, roomId, 'eve', 'MEMBER'),
        () => removeMember(chat, eve, roomId, 'bob', false),
        () => changeRole(chat, eve, roomId, 'eve', 'OWNER'),
        () => followRoom(chat, eve, roomId, undefined),
        () => readMessages(chat, eve, room, { take: 'last', count: 1 }),
        () => readMembers(chat, eve, room, { first: 1 }),
      ]
      expect(
        await commits(async () => {
          for (const ask of asks) expect(await refusalCode(ask)).toBe('FORBIDDEN')
        }),
      ).toBe(0)
      expect((await readMembers(chat, bob, room, { first: 10 })).items.map(({ userId }) => userId)).toEqual([
        'ann',
        'mod',
        'bob',
        'mel',
      ])
    })

    it('is listed by when it was joined, whatever the clocks of those say who were asked', async () => {
      const now = Date.now
      const made: string[] = []
      for (const clock of [0, 30_000, -30_000, 5_000, -5_000]) {
        jest.spyOn(Date, 'now').mockImplementation(() => now() + clock)
        made.unshift(await createRoom(chat, eve, { name: `At ${clock}`, kind: 'PUBLIC', topic: null }))
        await addMember(chat, eve, made[0] ?? '', 'mel', 'MEMBER')
      }
      jest.restoreAllMocks()
      for (const viewer of [eve, mel])
        expect((await myRooms(chat, viewer, { first: 5 })).items.map(({ room }) => room.id)).toEqual(made)
    })

    it('is joined once', async () => {
      expect(await commits(() => Promise.all([joinRoom(chat, eve, roomId), joinRoom(chat, eve, roomId)]))).toBe(1)
      expect(await commits(() => joinRoom(chat, eve, roomId))).toBe(0)
      expect(await roleOf('eve')).toBe('MEMBER')
    })

    it('keeps its role for a member who joins again', async () => {
      await joinRoom(chat, ann, roomId)
      expect(await roleOf('ann')).toBe('OWNER')
    })
  })

  describe('adding', () => {
    it.each<[RoomRole, string[]]>([
      ['MEMBER', ['ann', 'mod']],
      ['MODERATOR', ['ann']],
      ['OWNER', ['ann']],
    ])('as %s is for %j', async (role, allowed) => {
      for (const viewer of [ann, mod, bob]) {
        await chat.store.people.add([`new by ${viewer.userId}`])
        const ask = () => addMember(chat, viewer, roomId, `new by ${viewer.userId}`, role)
        if (allowed.includes(viewer.userId))
          expect(await ask()).toMatchObject({ userId: `new by ${viewer.userId}`, role })
        else expect(await refusalCode(ask)).toBe('FORBIDDEN')
      }
    })

    it('a member again changes nothing, not even the role', async () => {
      expect(
        await commits(async () =>
          expect(await addMember(chat, ann, roomId, 'bob', 'OWNER')).toMatchObject({ role: 'MEMBER' }),
        ),
      ).toBe(0)
      expect(await roleOf('bob')).toBe('MEMBER')
    })
  })

  describe('removing', () => {
    it.each([
      ['ann', 'mod', true],
      ['ann', 'bob', true],
      ['ann', 'ann', false],
      ['mod', 'bob', true],
      ['mod', 'mod', false],
      ['mod', 'ann', false],
      ['bob', 'mel', false],
      ['bob', 'bob', false],
      ['bob', 'ann', false],
      ['bob', 'nobody', false],
    ])('by %s of %s: %s', async (by, of, allowed) => {
      const viewer = { ann, mod, bob }[by]
      for (const ban of [false, true]) {
        const ask = () => removeMember(chat, viewer ?? eve, roomId, of, ban)
        if (!allowed) {
          expect(await refusalCode(ask)).toBe('FORBIDDEN')
          continue
        }
        await ask()
        expect(await roleOf(of)).toBeUndefined()
      }
      expect(await chat.store.state.isBanned(roomId, of)).toBe(allowed)
    })

    it('refuses an equal: an owner stays an owner to the others', async () => {
      await changeRole(chat, ann, roomId, 'bob', 'OWNER')
      expect(await refusalCode(removeMember(chat, ann, roomId, 'bob', true))).toBe('FORBIDDEN')
      expect(await chat.store.state.isBanned(roomId, 'bob')).toBe(false)
    })

    it('tells that there is nobody to remove, and bans whoever is not here', async () => {
      expect(await refusalCode(removeMember(chat, ann, roomId, 'eve', false))).toBe('NOT_FOUND')
      expect(await commits(() => removeMember(chat, ann, roomId, 'eve', true))).toBe(1)
      expect(await commits(() => removeMember(chat, ann, roomId, 'eve', true))).toBe(0)
      expect(await refusalCode(joinRoom(chat, eve, roomId))).toBe('FORBIDDEN')
    })

    it('lets whoever was removed join again, and whoever was banned not until they are added', async () => {
      await removeMember(chat, mod, roomId, 'bob', false)
      await joinRoom(chat, bob, roomId)
      await removeMember(chat, mod, roomId, 'bob', true)
      expect(await refusalCode(joinRoom(chat, bob, roomId))).toBe('FORBIDDEN')
      expect(await refusalCode(sendMessage(chat, bob, newMessage()))).toBe('FORBIDDEN')
      await addMember(chat, mod, roomId, 'bob', 'MEMBER')
      await sendMessage(chat, bob, newMessage())
      await leaveRoom(chat, bob, roomId)
      await joinRoom(chat, bob, roomId)
      expect(await roleOf('bob')).toBe('MEMBER')
    })

    it('a ban after leaving keeps them out', async () => {
      await leaveRoom(chat, bob, roomId)
      await removeMember(chat, mod, roomId, 'bob', true)
      expect(await refusalCode(joinRoom(chat, bob, roomId))).toBe('FORBIDDEN')
    })
  })

  describe('roles', () => {
    it('are given by owners only', async () => {
      for (const viewer of [mod, bob])
        expect(await refusalCode(changeRole(chat, viewer, roomId, 'mel', 'MODERATOR'))).toBe('FORBIDDEN')
      expect(await refusalCode(changeRole(chat, mod, roomId, 'mod', 'OWNER'))).toBe('FORBIDDEN')
      expect(await changeRole(chat, ann, roomId, 'mel', 'MODERATOR')).toMatchObject({
        userId: 'mel',
        role: 'MODERATOR',
      })
      expect(await refusalCode(changeRole(chat, ann, roomId, 'eve', 'MEMBER'))).toBe('NOT_FOUND')
      expect(await commits(() => changeRole(chat, ann, roomId, 'mel', 'MODERATOR'))).toBe(0)
    })

    it('keep the read position and the place among the members', async () => {
      const before = await markRead(chat, bob, roomId, parts.positionAt(roomId, 3))
      expect(await changeRole(chat, ann, roomId, 'bob', 'MODERATOR')).toEqual({ ...before, role: 'MODERATOR' })
    })

    it('leave the room an owner', async () => {
      expect(await refusalCode(changeRole(chat, ann, roomId, 'ann', 'MEMBER'))).toBe('CONFLICT')
      expect(await refusalCode(leaveRoom(chat, ann, roomId))).toBe('CONFLICT')
      await changeRole(chat, ann, roomId, 'bob', 'OWNER')
      await changeRole(chat, bob, roomId, 'ann', 'MEMBER')
      expect(await refusalCode(leaveRoom(chat, bob, roomId))).toBe('CONFLICT')
      await leaveRoom(chat, ann, roomId)
      expect(await findRoom(chat, bob, roomId)).toMatchObject({ ownerCount: 1, memberCount: 3 })
    })

    it('leave the room an owner when owners resign all at once', async () => {
      for (const userId of ['bob', 'mel']) await changeRole(chat, ann, roomId, userId, 'OWNER')
      const resigned = await Promise.allSettled([
        leaveRoom(chat, ann, roomId),
        leaveRoom(chat, bob, roomId),
        changeRole(chat, mel, roomId, 'mel', 'MEMBER'),
      ])
      expect(resigned.filter(({ status }) => status === 'rejected')).toHaveLength(1)
      expect((await findRoom(chat, mod, roomId))?.ownerCount).toBe(1)
    })

    it('go to whoever joins an emptied public room', async () => {
      const emptied = await createRoom(chat, ann, { name: 'Emptied', kind: 'PUBLIC', topic: null })
      await leaveRoom(chat, ann, emptied)
      await Promise.all([joinRoom(chat, bob, emptied), joinRoom(chat, eve, emptied)])
      const members = (await chat.store.state.members(emptied, { first: 10 })).items
      expect(members.map(({ role }) => role)).toEqual(['OWNER', 'MEMBER'])
    })

    it('close a private room that its last member leaves', async () => {
      const closed = await createRoom(chat, ann, { name: 'Closed', kind: 'PRIVATE', topic: null })
      await leaveRoom(chat, ann, closed)
      expect(await findRoom(chat, ann, closed)).toBeUndefined()
      expect(await refusalCode(joinRoom(chat, ann, closed))).toBe('NOT_FOUND')
      expect(await refusalCode(addMember(chat, ann, closed, 'bob', 'OWNER'))).toBe('NOT_FOUND')
    })

    it('let the last owner go when nobody else is left', async () => {
      const id = await createRoom(chat, bob, { name: 'Alone', kind: 'PUBLIC', topic: null })
      expect(await refusalCode(changeRole(chat, bob, id, 'bob', 'MEMBER'))).toBe('CONFLICT')
      await leaveRoom(chat, bob, id)
      expect(await findRoom(chat, bob, id)).toMatchObject({ memberCount: 0, ownerCount: 0 })
    })
  })

  describe('updating the room', () => {
    it('is for moderators and owners; what is not given stays', async () => {
      expect(await refusalCode(updateRoom(chat, bob, roomId, { name: 'Mine' }))).toBe('FORBIDDEN')
      await updateRoom(chat, mod, roomId, { topic: 'Topic' })
      await updateRoom(chat, ann, roomId, { name: 'New' })
      expect(await findRoom(chat, bob, roomId)).toMatchObject({ name: 'New', topic: 'Topic', kind: 'PUBLIC' })
      await updateRoom(chat, mod, roomId, { topic: null })
      expect(await findRoom(chat, bob, roomId)).toMatchObject({ name: 'New', topic: null })
      expect(await commits(() => updateRoom(chat, mod, roomId, { name: 'New', topic: null }))).toBe(0)
      expect(await commits(() => updateRoom(chat, mod, roomId, {}))).toBe(0)
    })
  })

  describe('markRead', () => {
    it('moves forward, and never back or to where the log has nothing', async () => {
      expect(await markRead(chat, bob, roomId, parts.positionAt(roomId, 3))).toMatchObject({
        userId: 'bob',
        readUpTo: 3,
      })
      expect(await commits(() => markRead(chat, bob, roomId, parts.positionAt(roomId, 2)))).toBe(0)
      expect(await commits(() => markRead(chat, bob, roomId, parts.positionAt(roomId, 3)))).toBe(0)
      expect(await commits(() => markRead(chat, bob, roomId, parts.positionAt(roomId, 0)))).toBe(0)
      expect(await markRead(chat, bob, roomId, parts.positionAt(roomId, 1))).toMatchObject({ readUpTo: 3 })
      const before = await head()
      for (const position of [
        parts.positionAt(roomId, before + 1),
        { ...parts.positionAt(roomId, before), id: 'of-another-event' },
        { ...parts.positionAt(roomId, 1), id: 'of-another-event' },
      ]) {
        const refused = await refusal(markRead(chat, bob, roomId, position))
        expect(refused).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'upTo' } })
      }
      expect(await head()).toBe(before)
    })

    it('ends at the furthest of many at once', async () => {
      for (let count = 0; count < 10; count += 1) await sendMessage(chat, ann, newMessage())
      const positions = [4, 9, 2, 13, 7, 11, 13, 1]
      const results = await Promise.all(
        positions.map((position) => markRead(chat, bob, roomId, parts.positionAt(roomId, position))),
      )
      expect(results.every(({ readUpTo }, index) => (readUpTo ?? 0) >= (positions[index] ?? 0))).toBe(true)
      expect((await chat.store.state.memberships('bob', [roomId]))[0]?.readUpTo).toBe(13)
      const read = (await chat.store.log.read(roomId, 0, 100)).flatMap(({ change }) =>
        change.type === 'ReadUpTo' ? [change.upTo] : [],
      )
      expect(read).toEqual(read.toSorted((a, b) => a - b))
    })

    it('is each member’s own', async () => {
      await markRead(chat, bob, roomId, parts.positionAt(roomId, 3))
      expect((await chat.store.state.memberships('mel', [roomId]))[0]?.readUpTo).toBeNull()
    })
  })
})
