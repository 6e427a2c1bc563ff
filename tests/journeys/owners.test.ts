import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createRoom, joinRoom, type Person, send, signUp } from '../clients.ts'
import { onEachEngine, type System } from '../engines.ts'

const leave = 'mutation ($roomId: ID!) { leaveRoom(roomId: $roomId) }'
const changeRole = `mutation ($roomId: ID!, $userId: ID!, $role: RoomRole!) {
  changeRole(roomId: $roomId, userId: $userId, role: $role) { role } }`
const roles = `query ($roomId: ID!) { room(id: $roomId) { memberCount members { edges { node { userId role } } } } }`

onEachEngine('a room with members', (start) => {
  let system: System
  let ann: Person
  let ben: Person
  beforeAll(async () => {
    system = await start()
    ann = await signUp(system.url, 'Ann')
    ben = await signUp(system.otherUrl, 'Ben')
  }, 90_000)
  afterAll(() => system?.stop(), 60_000)

  const rolesIn = async (who: Person, roomId: string) => {
    const { room } = await who.do<{ room: { members: { edges: { node: { userId: string; role: string } }[] } } }>(
      roles,
      {
        roomId,
      },
    )
    return room.members.edges.map(({ node }) => [node.userId, node.role])
  }

  it('does not lose its only owner, who is told the way out', async () => {
    const roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
    for (const [query, variables] of [
      [leave, {}],
      [changeRole, { userId: ann.userId, role: 'MEMBER' }],
    ] as const) {
      const { errors } = await ann.try(query, { roomId, ...variables })
      expect(errors?.[0]).toMatchObject({ extensions: { code: 'CONFLICT' }, message: expect.stringContaining('OWNER') })
    }
    await ann.do(changeRole, { roomId, userId: ben.userId, role: 'OWNER' })
    await ann.do(leave, { roomId })
    expect(await rolesIn(ben, roomId)).toEqual([[ben.userId, 'OWNER']])
  })

  it('gets an owner with the first who joins after it was empty', async () => {
    const roomId = await createRoom(ann)
    await ann.do(leave, { roomId })
    await joinRoom(ben, roomId)
    await joinRoom(ann, roomId)
    expect(await rolesIn(ben, roomId)).toEqual([
      [ben.userId, 'OWNER'],
      [ann.userId, 'MEMBER'],
    ])
    await send(ann, roomId, 'back')
  })

  it('is gone for everybody when it was private and its last member has left', async () => {
    const roomId = await createRoom(ann, 'PRIVATE')
    await ann.do(leave, { roomId })
    expect(await ann.do(roles, { roomId })).toEqual({ room: null })
    const { errors } = await ann.try('mutation ($roomId: ID!) { joinRoom(roomId: $roomId) { id } }', { roomId })
    expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND')
  })
})
