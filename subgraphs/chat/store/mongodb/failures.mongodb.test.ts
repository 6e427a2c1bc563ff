import { describe, expect, it } from '@jest/globals'
import {
  type BulkWriteResult,
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoServerError,
  MongoWriteConcernError,
  type WriteConcernError,
} from 'mongodb'
import { AppError } from '../../../../platform/errors/app-error.ts'
import { eventsOf } from '../../domain/position.ts'
import { sent } from '../../testing/drafts.ts'
import type { Collections } from './collections.mongodb.ts'
import { toFailure } from './failures.mongodb.ts'
import { createRoomLog } from './room-log.mongodb.ts'

/** A bulk write's error, as the driver makes it of the server's answer or of another error. */
const bulkError = (cause: object, unsure?: Partial<WriteConcernError>) =>
  new MongoBulkWriteError(
    cause as ConstructorParameters<typeof MongoBulkWriteError>[0],
    { getWriteConcernError: () => unsure } as unknown as BulkWriteResult,
  )
const serverError = (code: number) => new MongoServerError({ message: 'secret text', code })
const duplicate = (index: number, name: string) => ({
  index,
  code: 11_000,
  errmsg: `E11000 duplicate key error collection: parley.room_log index: ${name} dup key: { roomId: "index: by_key" }`,
})

describe('failures on MongoDB', () => {
  it.each([
    ['a lost connection', new MongoNetworkError('lost')],
    ['a slow connection', new MongoNetworkTimeoutError('slow')],
    ['a connection lost in a bulk write', bulkError(new MongoNetworkError('lost'))],
    ['the system’s own error', Object.assign(new Error('write ECONNRESET'), { syscall: 'write' })],
    ['a primary that stepped down', serverError(189)],
    ['a server that is no primary', bulkError(serverError(10_107))],
    ['a server that shuts down', serverError(11_600)],
    [
      'a majority that did not answer',
      new MongoWriteConcernError({ ok: 1, writeConcernError: { code: 64, errmsg: 'late' } }),
    ],
    ['a bulk write that a majority may not have', bulkError({ message: 'late', code: 64 }, { code: 64 })],
    ['a client that is closing', new MongoClientClosedError()],
  ])('are UNAVAILABLE after %s, with the reason for the log', (_, error) => {
    const failure = toFailure(error)
    expect(failure).toBeInstanceOf(AppError)
    expect(failure).toMatchObject({ code: 'UNAVAILABLE', cause: { message: error.message } })
  })

  it('show nothing of what was to be written when the server refuses it', () => {
    const refused = { index: 0, code: 17_280, errmsg: 'secret text', op: { text: 'secret text' } }
    for (const error of [
      bulkError({ message: 'secret text', code: 17_280, writeErrors: [refused] }),
      serverError(13),
    ]) {
      const failure = toFailure(error)
      expect(failure).not.toBeInstanceOf(AppError)
      expect(`${failure}${JSON.stringify(failure)}`).not.toContain('secret')
      expect(String(failure)).toBe(`Error: MongoDB refused: ${error.code}`)
    }
  })

  it('leave alone what does not come from MongoDB', () => {
    const error = new Error('a hole')
    expect(toFailure(error)).toBe(error)
  })
})

describe('append on MongoDB', () => {
  const head = { seq: 3, id: 'last' }
  const last = { seq: 3, key: 'last', change: { type: 'MemberLeft' } }

  describe('made again after its connection broke', () => {
    const drafts = [sent('one'), sent('two')]
    const own = eventsOf('room', head, drafts)
    const other = { ...own[0], ...sent('theirs') }
    /** What stands after the head at each look, and what an insert is answered with. */
    const appendAgain = (looks: unknown[][], insert: () => Promise<unknown>) => {
      const roomLog = {
        findOne: async () => last,
        find: () => ({ toArray: async () => looks.shift() ?? [] }),
        insertMany: insert,
      }
      return createRoomLog({ roomLog } as unknown as Collections, { isRepeat: true }).append('room', head, drafts)
    }
    const refused = (index: string) => () =>
      Promise.reject(bulkError({ message: 'E11000', code: 11_000, writeErrors: [duplicate(0, index)] }))
    const mustNotInsert = () => Promise.reject(new Error('It was inserted again'))

    it('inserts nothing that went in the first time, all or a part', async () => {
      expect(await appendAgain([own], mustNotInsert)).toEqual({ count: 2 })
      expect(await appendAgain([own.slice(0, 1)], mustNotInsert)).toEqual({ count: 1 })
      expect(await appendAgain([[own[0], { ...other, seq: own[1]?.seq }]], mustNotInsert)).toEqual({ count: 1 })
    })

    it('inserts what did not go in, and takes what came in between for its own', async () => {
      expect(await appendAgain([[]], async () => {})).toEqual({ count: 2 })
      expect(await appendAgain([[], own], refused('by_seq'))).toEqual({ count: 2 })
    })

    it('takes the events of others for what they are', async () => {
      const moved = { count: 0, stopped: 'head-moved' }
      expect(await appendAgain([[other], [other]], refused('by_seq'))).toEqual(moved)
      expect(await appendAgain([[], []], refused('by_key'))).toEqual({ count: 0, stopped: 'key-taken' })
    })
  })

  const appendWith = (error: Error) => {
    const roomLog = { findOne: async () => last, insertMany: () => Promise.reject(error) }
    const log = createRoomLog({ roomLog } as unknown as Collections)
    return log.append('room', head, [sent('one'), sent('two')])
  }

  it.each([
    ['by_seq', 'head-moved'],
    ['by_key', 'key-taken'],
  ])('tells by the index %s why it stopped', async (index, stopped) => {
    const error = bulkError({ message: 'E11000', code: 11_000, writeErrors: [duplicate(1, index)] })
    expect(await appendWith(error)).toEqual({ count: 1, stopped })
  })

  it.each([
    ['a majority may not have what went in', bulkError({ message: 'late', writeErrors: [duplicate(1, 'by_seq')] }, {})],
    ['the connection broke', bulkError(new MongoNetworkError('lost'))],
    ['another index refused', bulkError({ message: 'E11000', writeErrors: [duplicate(0, '_id_')] })],
    [
      'something else was refused',
      bulkError({ message: 'no', writeErrors: [{ index: 0, code: 2, errmsg: 'by_seq' }] }),
    ],
  ])('throws, for what went in is not known, when %s', async (_, error) => {
    await expect(appendWith(error)).rejects.toBe(error)
  })
})
