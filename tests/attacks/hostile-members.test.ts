import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createRoom, joinRoom, type Person, send, signUp, trySend } from '../clients.ts'
import { follow } from '../reader.ts'
import { expectClean, expectCode } from './refusals.ts'
import { startWatchedSystem, type WatchedSystem } from './watched-system.ts'

interface Member {
  userId: string
  role: string
}

describe('a hostile user', () => {
  let system: WatchedSystem
  let ann: Person
  let ben: Person
  let mallory: Person

  beforeAll(async () => {
    system = await startWatchedSystem()
    ann = await signUp(system.url, 'Ann')
    ben = await signUp(system.url, 'Ben')
    mallory = await signUp(system.url, 'Mallory')
  })
  afterAll(() => system.stop())

  const membersOf = async (who: Person, roomId: string): Promise<Member[]> => {
    const query = 'query ($id: ID!) { room(id: $id) { members(first: 100) { edges { node { userId role } } } } }'
    const { room } = await who.do<{ room: { members: { edges: { node: Member }[] } } }>(query, { id: roomId })
    return room.members.edges.map(({ node }) => node)
  }
  const textsOf = async (who: Person, roomId: string) => {
    const query = 'query ($id: ID!) { room(id: $id) { messages { edges { node { text } } } } }'
    const { room } = await who.do<{ room: { messages: { edges: { node: { text: string } }[] } } }>(query, {
      id: roomId,
    })
    return room.messages.edges.map(({ node }) => node.text)
  }
  const changeRole = (who: Person, roomId: string, userId: string, role: string) =>
    who.try(
      'mutation ($r: ID!, $u: ID!, $role: RoomRole!) { changeRole(roomId: $r, userId: $u, role: $role) { role } }',
      {
        r: roomId,
        u: userId,
        role,
      },
    )
  const leave = (who: Person, roomId: string) => who.try('mutation ($r: ID!) { leaveRoom(roomId: $r) }', { r: roomId })
  const add = (who: Person, roomId: string, userId: string, role = 'MEMBER') =>
    who.try('mutation ($i: AddMemberInput!) { addMember(input: $i) { role } }', { i: { roomId, userId, role } })
  const remove = (who: Person, roomId: string, userId: string, ban = false) =>
    who.try('mutation ($r: ID!, $u: ID!, $ban: Boolean) { removeMember(roomId: $r, userId: $u, ban: $ban) }', {
      r: roomId,
      u: userId,
      ban,
    })

  it('reads nothing of a public room without joining it, by no field, cursor or subscription', async () => {
    const roomId = await createRoom(ann, 'PUBLIC', 'Open')
    const { message } = await send(ann, roomId, 'among us')
    const reads = [
      'messages { edges { node { text } } }',
      `messages(first: 5, after: "${message.cursor}") { edges { node { text } } }`,
      `messages(last: 5, before: "${message.cursor}") { edges { cursor } pageInfo { endCursor } }`,
      'members { edges { node { userId } } }',
    ]
    for (const read of reads) {
      const reply = await mallory.try(`query ($id: ID!) { room(id: $id) { ${read} } }`, { id: roomId })
      expectCode(reply, 'FORBIDDEN')
      expect(JSON.stringify(reply.data)).not.toMatch(/among us|cursor/)
    }
    expect(
      await mallory.do(
        'query ($id: ID!) { room(id: $id) { name lastMessage { text } unreadCount viewerMembership { role } } }',
        { id: roomId },
      ),
    ).toEqual({ room: { name: 'Open', lastMessage: null, unreadCount: 0, viewerMembership: null } })
    for (const after of [undefined, message.cursor]) {
      const reader = follow(system.url, mallory, roomId, after)
      await reader.until(({ ended }) => ended !== undefined)
      expect(reader.events).toEqual([])
      await reader.close()
    }
  })

  it('gets nothing of a room by a cursor of another one', async () => {
    const [mine, theirs] = [await createRoom(mallory), await createRoom(ann, 'PRIVATE')]
    const { message: own } = await send(mallory, mine, 'mine')
    const { message } = await send(ann, theirs, 'theirs')
    const query =
      'query ($id: ID!, $c: String) { room(id: $id) { messages(first: 5, after: $c) { edges { node { text } } } } }'
    const decoded = Buffer.from(message.cursor, 'base64').toString()
    const forged = [
      message.cursor,
      Buffer.from(decoded.replaceAll(mine, theirs)).toString('base64url'),
      theirs,
      '-1',
      '0',
      '%',
      '__proto__',
      '[]',
      'W10',
      'e30',
      'bnVsbA',
      'x'.repeat(5_000),
    ]
    for (const cursor of [
      ...forged,
      Buffer.from('[1e99]').toString('base64url'),
      Buffer.from('["x",{}]').toString('base64url'),
    ]) {
      const reply = await mallory.try(query, { id: mine, c: cursor })
      expectClean(reply.errors)
      expect(JSON.stringify(reply.data)).not.toContain('theirs')
      for (const list of ['rooms', 'publicRooms', 'users']) {
        const page = await mallory.try(`query ($c: String) { ${list}(first: 5, after: $c) { edges { cursor } } }`, {
          c: cursor,
        })
        expectClean(page.errors)
        if (page.errors) expectCode(page, 'BAD_USER_INPUT')
      }
      const read = await mallory.try(
        'mutation ($r: ID!, $c: String!) { markRead(roomId: $r, upTo: $c) { readUpTo } }',
        { r: mine, c: cursor },
      )
      expectClean(read.errors)
    }
    expect(
      await mallory.do('mutation ($r: ID!, $c: String!) { markRead(roomId: $r, upTo: $c) { readUpTo } }', {
        r: mine,
        c: own.cursor,
      }),
    ).toEqual({ markRead: { readUpTo: own.cursor } })
  })

  it('neither edits nor deletes what others wrote, nor sends in their name', async () => {
    const roomId = await createRoom(ann)
    await joinRoom(mallory, roomId)
    const clientMessageId = randomUUID()
    const { message } = await send(ann, roomId, 'by Ann', clientMessageId)
    const edit = 'mutation ($m: ID!) { editMessage(input: { messageId: $m, text: "by Mallory" }) { text } }'
    expectCode(await mallory.try(edit, { m: message.id }), 'FORBIDDEN')
    expectCode(
      await mallory.try('mutation ($m: ID!) { deleteMessage(messageId: $m) { text } }', { m: message.id }),
      'FORBIDDEN',
    )
    const twin = await send(mallory, roomId, 'by Mallory', clientMessageId)
    expect(twin).toMatchObject({ duplicate: false, message: { text: 'by Mallory' } })
    expect(await textsOf(ann, roomId)).toEqual(['by Ann', 'by Mallory'])
    await ann.do('mutation ($m: ID!) { deleteMessage(messageId: $m) { text } }', { m: message.id })
    await ann.try(edit, { m: message.id })
    expect(await textsOf(ann, roomId)).toEqual(['', 'by Mallory'])
    // Neither a repeat of the same send nor its id in another room brings it back.
    expect(await send(ann, roomId, 'by Ann', clientMessageId)).toMatchObject({ duplicate: true, message: { text: '' } })
  })

  it('gives nobody a role that is not theirs to give', async () => {
    const roomId = await createRoom(ann)
    await joinRoom(mallory, roomId)
    await joinRoom(ben, roomId)
    for (const role of ['OWNER', 'MODERATOR', 'MEMBER']) {
      expectCode(await changeRole(mallory, roomId, mallory.userId, role), 'FORBIDDEN')
      expectCode(await changeRole(mallory, roomId, ann.userId, role), 'FORBIDDEN')
    }
    expectCode(await remove(mallory, roomId, ann.userId), 'FORBIDDEN')
    expectCode(await remove(mallory, roomId, ben.userId, true), 'FORBIDDEN')
    expect((await changeRole(ann, roomId, mallory.userId, 'MODERATOR')).errors).toBeUndefined()
    const friend = await signUp(system.url, 'Friend')
    for (const role of ['OWNER', 'MODERATOR']) expectCode(await add(mallory, roomId, friend.userId, role), 'FORBIDDEN')
    expectCode(await remove(mallory, roomId, ann.userId, true), 'FORBIDDEN')
    expectCode(await changeRole(mallory, roomId, mallory.userId, 'OWNER'), 'FORBIDDEN')
    // An owner who is added again stays one, and so does what the moderator is.
    await add(mallory, roomId, ann.userId)
    await add(mallory, roomId, mallory.userId, 'OWNER')
    const roles = Object.fromEntries((await membersOf(ann, roomId)).map(({ userId, role }) => [userId, role]))
    expect(roles).toEqual({ [ann.userId]: 'OWNER', [mallory.userId]: 'MODERATOR', [ben.userId]: 'MEMBER' })
  })

  it('who is banned does not come back by any door', async () => {
    const roomId = await createRoom(ann)
    await joinRoom(mallory, roomId)
    await joinRoom(ben, roomId)
    const { message } = await send(mallory, roomId, 'before')
    expect((await remove(ann, roomId, mallory.userId, true)).errors).toBeUndefined()
    const doors = [
      mallory.try('mutation ($r: ID!) { joinRoom(roomId: $r) { id } }', { r: roomId }),
      trySend(mallory, roomId, 'after'),
      mallory.try('mutation ($m: ID!) { editMessage(input: { messageId: $m, text: "after" }) { text } }', {
        m: message.id,
      }),
      mallory.try('mutation ($m: ID!) { deleteMessage(messageId: $m) { text } }', { m: message.id }),
      mallory.try('mutation ($r: ID!) { updateRoom(input: { roomId: $r, name: "x" }) { id } }', { r: roomId }),
      add(mallory, roomId, mallory.userId),
      add(ben, roomId, mallory.userId),
    ]
    for (const reply of await Promise.all(doors)) {
      expectClean(reply.errors)
      expect(['FORBIDDEN', 'NOT_FOUND']).toContain(reply.errors?.[0]?.extensions.code)
    }
    expect(await textsOf(ann, roomId)).toEqual(['before'])
    expect((await membersOf(ann, roomId)).map(({ userId }) => userId)).not.toContain(mallory.userId)
  })

  it('leaves no room with members and without an owner, however owners race', async () => {
    for (let round = 0; round < 12; round += 1) {
      const roomId = await createRoom(ann)
      await Promise.all([joinRoom(ben, roomId), joinRoom(mallory, roomId)])
      await changeRole(ann, roomId, ben.userId, 'OWNER')
      const race = [
        [leave(ann, roomId), leave(ben, roomId)],
        [changeRole(ann, roomId, ben.userId, 'MEMBER'), changeRole(ben, roomId, ann.userId, 'MEMBER')],
        [changeRole(ann, roomId, ann.userId, 'MEMBER'), leave(ben, roomId)],
        [remove(ann, roomId, ben.userId), remove(ben, roomId, ann.userId), leave(ann, roomId), leave(ben, roomId)],
      ][round % 4] as ReturnType<typeof leave>[]
      for (const reply of await Promise.all(race)) expectClean(reply.errors)
      expect((await membersOf(mallory, roomId)).filter(({ role }) => role === 'OWNER').length).toBeGreaterThanOrEqual(1)
    }
  })

  it('ends no session of somebody else', async () => {
    expectCode(await mallory.try('mutation ($id: ID!) { revokeSession(id: $id) }', { id: ann.sessionId }), 'NOT_FOUND')
    const { sessions } = await mallory.do<{ sessions: { id: string }[] }>('{ sessions { id } }')
    expect(sessions.map(({ id }) => id)).toEqual([mallory.sessionId])
    expect((await ann.try('{ me { id } }')).errors).toBeUndefined()
  })

  it('sees no preferences but their own', async () => {
    const query =
      'query ($id: ID!, $name: String!) { user(id: $id) { preferences { theme } } userByUsername(username: $name) { preferences { theme } } }'
    expect(await mallory.do(query, { id: ann.userId, name: ann.username })).toEqual({
      user: { preferences: null },
      userByUsername: { preferences: null },
    })
  })
})
