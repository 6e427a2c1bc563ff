import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createRoom, joinRoom, type Person, send, signUp, trySend } from '../clients.ts'
import { onEachEngine, type System } from '../engines.ts'
import { follow } from '../reader.ts'

onEachEngine('losing membership', (start) => {
  let system: System
  let ann: Person
  let ben: Person

  beforeAll(async () => {
    system = await start()
    ann = await signUp(system.url, 'Ann')
    ben = await signUp(system.otherUrl, 'Ben')
  }, 90_000)
  afterAll(() => system?.stop(), 60_000)

  for (const ban of [false, true]) {
    it(`lets no message of a ${ban ? 'banned' : 'removed'} member follow the removal, and ends their subscription with it`, async () => {
      const roomId = await createRoom(ann)
      await joinRoom(ben, roomId)
      const watching = follow(system.otherUrl, ann, roomId)
      const following = follow(system.otherUrl, ben, roomId)
      await Promise.all([watching, following].map((reader) => reader.until(({ events }) => events.length === 1)))

      let refused: string | undefined
      const acknowledged: number[] = []
      const writer = async (name: number) => {
        for (let count = 0; refused === undefined; count += 1) {
          const { data, errors } = await trySend(ben, roomId, `${name}/${count}`)
          if (data) acknowledged.push(data.sendMessage.message.seq)
          else refused = errors?.[0]?.extensions.code
        }
      }
      const writers = [1, 2, 3, 4].map(writer)
      await watching.until((seen) => seen.sent().length >= 20)
      await ann.do(
        'mutation ($roomId: ID!, $userId: ID!, $ban: Boolean) { removeMember(roomId: $roomId, userId: $userId, ban: $ban) }',
        {
          roomId,
          userId: ben.userId,
          ban,
        },
      )
      await Promise.all(writers)
      expect(refused).toBe('FORBIDDEN')
      await following.until(({ ended }) => ended !== undefined)
      expect(following.ended).toEqual({ completed: true })
      expect(following.events.at(-1)).toMatchObject({ __typename: 'MemberLeft', userId: ben.userId })

      await send(ann, roomId, 'end')
      await watching.until((seen) => seen.sent().at(-1)?.text === 'end')
      const types = watching.events.map(({ __typename, message }) => (message?.text === 'end' ? 'end' : __typename))
      expect(types.slice(types.indexOf('MemberLeft') + 1)).toEqual(['end'])
      const seqs = watching.sent().map(({ seq }) => seq)
      expect(seqs.slice(0, -1)).toEqual(acknowledged.toSorted((a, b) => a - b))
      await watching.close()

      const { errors } = await ben.try('mutation ($roomId: ID!) { joinRoom(roomId: $roomId) { id } }', { roomId })
      expect(errors?.[0]?.extensions.code).toBe(ban ? 'FORBIDDEN' : undefined)
    })
  }
})
