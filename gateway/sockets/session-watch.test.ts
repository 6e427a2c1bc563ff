import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { openSessionWatch, type SessionWatch } from './session-watch.ts'

const log = () => {}
const start = 1_700_000_000
let revoked: Set<string>
let checkFails: boolean
let announce: (sessionIds: string[]) => void
let listening: boolean
let watch: SessionWatch

beforeEach(async () => {
  jest.useFakeTimers({ now: start * 1_000 })
  revoked = new Set()
  checkFails = false
  listening = true
  watch = await openSessionWatch({
    revoked: async (ids) => {
      if (checkFails) throw new Error('away')
      return new Set(ids.filter((id) => revoked.has(id)))
    },
    onRevoked: async (listener) => {
      announce = listener
      return async () => {
        listening = false
      }
    },
    logger: { debug: log, info: log, warn: log, error: log },
    checkEvery: 3_000,
  })
})
afterEach(async () => {
  await watch.close()
  jest.useRealTimers()
})

const user = (sessionId: string, userId = 'ann', lifetime = 600) => ({ userId, sessionId, expiresAt: start + lifetime })
const open = (sessionId: string, userId?: string, lifetime?: number) => {
  const codes: number[] = []
  const socket = { close: (code: number) => void codes.push(code) }
  watch.watch(socket, user(sessionId, userId, lifetime))
  return { socket, codes }
}

it('closes every socket of a session that is said to be revoked, and no other', () => {
  const [one, two, other] = [open('s1'), open('s1'), open('s2')]
  announce(['s1', 'nobody'])
  expect([one.codes, two.codes, other.codes]).toEqual([[4401], [4401], []])
})

it('finds a revocation whose announcement was lost, also after a check that failed', async () => {
  const { codes } = open('s1')
  checkFails = true
  await jest.advanceTimersByTimeAsync(3_000)
  checkFails = false
  revoked.add('s1')
  await jest.advanceTimersByTimeAsync(3_000)
  expect(codes).toEqual([4401])
})

it('closes a socket when its token runs out, after the tolerance', async () => {
  const { codes } = open('s1', 'ann', 10)
  await jest.advanceTimersByTimeAsync(14_999)
  expect(codes).toEqual([])
  await jest.advanceTimersByTimeAsync(1)
  expect(codes).toEqual([4403])
})

it('gives a socket the time of its new token', async () => {
  const { socket, codes } = open('s1', 'ann', 10)
  watch.watch(socket, user('s1', 'ann', 100))
  await jest.advanceTimersByTimeAsync(104_999)
  expect(codes).toEqual([])
  expect(watch.countOf('ann')).toBe(1)
  await jest.advanceTimersByTimeAsync(1)
  expect(codes).toEqual([4403])
})

it('leaves a forgotten socket alone', async () => {
  const { socket, codes } = open('s1', 'ann', 10)
  watch.forget(socket)
  watch.forget(socket)
  announce(['s1'])
  await jest.advanceTimersByTimeAsync(60_000)
  expect(codes).toEqual([])
})

it('counts the sockets of a user', () => {
  const { socket } = open('s1')
  open('s2')
  open('s3', 'ben')
  expect(watch.countOf('ann')).toBe(2)
  watch.forget(socket)
  expect([watch.countOf('ann'), watch.countOf('ben'), watch.countOf('cat')]).toEqual([1, 1, 0])
})

it('leaves no timer and no listener behind', async () => {
  open('s1')
  await watch.close()
  expect(listening).toBe(false)
  expect(jest.getTimerCount()).toBe(0)
})
