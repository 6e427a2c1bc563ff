import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type AskedSubscription, type BadServer, startBadServer, until } from '../../../client/bad-server.harness.ts'
import { createChance } from '../chance.ts'
import { createTally, type Tally } from '../verdict/faults.ts'
import { createReaderRecord } from '../verdict/reader-record.ts'
import { createRoomRecord } from '../verdict/room-record.ts'
import { createSends } from '../verdict/sends.ts'
import { operations } from './operations.ts'
import { type RoomReader, startRoomReader } from './room-reader.ts'

const at = new Date(0).toISOString()
const snapshot = { __typename: 'RoomSnapshot', cursor: 'c1', at, messages: [] }
const removal = { __typename: 'MemberLeft', cursor: 'c2', at, userId: 'reader' }

describe('a reader of a room', () => {
  let server: BadServer
  let tally: Tally
  let reader: RoomReader | undefined

  beforeEach(async () => {
    server = await startBadServer()
    tally = createTally()
  })
  afterEach(async () => {
    await reader?.close()
    await server.close()
  })

  const start = (more: { mayBeRemoved?: boolean; endsWithin?: number } = {}) => {
    const sends = createSends(tally)
    const record = createReaderRecord({
      name: 'reader',
      viewerId: 'reader',
      room: createRoomRecord({ room: 0, roomId: 'room', members: ['reader'], sends }),
      sends,
      tally,
      writers: [],
      whole: true,
      away: () => [],
      neededBySenders: [],
      sendersMustCome: true,
      signOutGrace: 1_000,
    })
    reader = startRoomReader({
      urls: [server.url],
      roomId: 'room',
      operation: operations.plain,
      record,
      tally,
      chance: createChance(1),
      accessToken: () => 'a token',
      ...more,
    })
  }
  const asked = async () => (await server.visit()).subscription()
  const found = () => Object.fromEntries(Object.entries(tally.counts()).filter(([, count]) => count > 0))

  type Answer = (asked: AskedSubscription) => void
  const complete: Answer = (subscription) => subscription.complete()
  const refuse =
    (code: string): Answer =>
    (subscription) =>
      subscription.refuse({ code })
  const remove: Answer = (subscription) => subscription.next(removal)
  const steady = {}
  const guest = { mayBeRemoved: true }

  it.each<[what: string, who: object, answers: Answer[], faults: object]>([
    ['is refused though it is a member', steady, [refuse('FORBIDDEN')], { refused: 1 }],
    ['is told that there is no such room', steady, [refuse('NOT_FOUND')], { refused: 1 }],
    ['is refused while it may be removed', guest, [refuse('FORBIDDEN')], {}],
    ['is told to come back later', steady, [refuse('UNAVAILABLE')], {}],
    ['is completed though nobody removed it', steady, [complete], { refused: 1 }],
    ['is completed while it may be removed, and was not', guest, [complete], { refused: 1 }],
    ['is completed after its removal', guest, [remove, complete], {}],
    ['gets an error after its removal', guest, [remove, refuse('FORBIDDEN')], { notEnded: 1 }],
    ['loses chat after its removal', guest, [remove, refuse('UNAVAILABLE')], {}],
  ])('judges how it ends when it %s, and comes again', async (_, who, answers, faults) => {
    start(who)
    const subscription = await asked()
    subscription.next(snapshot)
    for (const answer of answers) answer(subscription)
    await asked()
    expect(found()).toEqual(faults)
  })

  it('comes again after its last cursor when its connection is lost, which is no fault', async () => {
    start()
    const visit = await server.visit()
    ;(await visit.subscription()).next(snapshot)
    await visit.roundTrip()
    visit.cut()
    expect((await asked()).variables.after).toBe('c1')
    expect(found()).toEqual({})
    expect(reader?.resumes()).toBe(1)
  })

  it('blames a subscription that goes on after its removal, and cuts it', async () => {
    start({ mayBeRemoved: true, endsWithin: 20 })
    const visit = await server.visit()
    const subscription = await visit.subscription()
    subscription.next(snapshot)
    subscription.next(removal)
    expect(await visit.closed).toBe(1006)
    await until('it was blamed', () => tally.counts().notEnded === 1)
    expect(found()).toEqual({ notEnded: 1 })
  })
})
