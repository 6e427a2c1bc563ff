import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { openSessionWatch, type SessionWatch } from './session-watch.ts'

const log = () => {}
let warnings: number
const warn = () => {
  warnings += 1
}
const start = 1_700_000_000
let revoked: Set<string>
let checkFails: boolean
let check: (ids: string[]) => Promise<Set<string>>
let asked: string[][]
let withdrawnKeys: Set<string>
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
let announce: (sessionIds: string[]) => void
let listening: boolean
let watch: SessionWatch

beforeEach(async () => {
  jest.useFakeTimers({ now: start * 1_000 })
  revoked = new Set()
  withdrawnKeys = new Set()
  checkFails = false
  asked = []
  warnings = 0
  check = async (ids) => new Set(ids.filter((id) => revoked.has(id)))
  listening = true
  watch = await openSessionWatch({
    revoked: async (ids) => {
      asked.push(ids)
      if (checkFails) throw new Error('away')
      return check(ids)
    },
    keys: async (keyId) => (withdrawnKeys.has(keyId) ? undefined : publicKey),
    onRevoked: async (listener) => {
      announce = listener
      return async () => {
        listening = false
      }
    },
    logger: { debug: log, info: log, warn, error: log },
    checkEvery: 500,
  })
})
afterEach(async () => {
  await watch.close()
  jest.useRealTimers()
})

const user = (sessionId: string, userId = 'ann', lifetime = 600) => ({
  userId,
  sessionId,
  keyId: `key of ${sessionId}`,
  expiresAt: start + lifetime,
})
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
  await jest.advanceTimersByTimeAsync(1_500)
  expect([asked.length, warnings]).toEqual([3, 1])
  checkFails = false
  revoked.add('s1')
  await jest.advanceTimersByTimeAsync(500)
  expect(codes).toEqual([4401])
})

it('closes the sockets whose token was signed with a key that was withdrawn, and no other', async () => {
  const [forged, other] = [open('forged'), open('s2')]
  await jest.advanceTimersByTimeAsync(1_000)
  expect([forged.codes, other.codes]).toEqual([[], []])
  withdrawnKeys.add('key of forged')
  await jest.advanceTimersByTimeAsync(500)
  expect([forged.codes, other.codes]).toEqual([[4403], []])
})

it('asks for every session once, and for a thousand at a time', async () => {
  for (let index = 0; index < 2_500; index += 1) open(`s${index}`)
  open('s0')
  const { codes } = open('last')
  revoked.add('last')
  await jest.advanceTimersByTimeAsync(500)
  expect(asked.map((ids) => ids.length)).toEqual([1_000, 1_000, 501])
  expect(new Set(asked.flat()).size).toBe(2_501)
  expect(codes).toEqual([4401])
})

it('does not begin a check while the one before runs, which ends by its deadline', async () => {
  const { codes } = open('s1', 'ann', 10)
  check = () => new Promise(() => {})
  await jest.advanceTimersByTimeAsync(5_000)
  expect(asked).toHaveLength(1)
  check = async () => new Set(['s1'])
  await jest.advanceTimersByTimeAsync(1_000)
  expect([asked.length, warnings]).toEqual([2, 1])
  expect(codes).toEqual([4401])
})

it('closes a socket when its token runs out, after the tolerance', async () => {
  const { codes } = open('s1', 'ann', 10)
  await jest.advanceTimersByTimeAsync(14_500)
  expect(codes).toEqual([])
  await jest.advanceTimersByTimeAsync(500)
  expect(codes).toEqual([4403])
  await jest.advanceTimersByTimeAsync(60_000)
  expect(codes).toEqual([4403])
})

it('closes a socket when its token runs out even while no check ends', async () => {
  const { codes } = open('s1', 'ann', 10)
  check = () => new Promise(() => {})
  await jest.advanceTimersByTimeAsync(15_000)
  expect(codes).toEqual([4403])
})

it('gives a socket the time of its new token', async () => {
  const { socket, codes } = open('s1', 'ann', 10)
  watch.watch(socket, user('s1', 'ann', 100))
  await jest.advanceTimersByTimeAsync(104_500)
  expect(codes).toEqual([])
  expect(watch.countOf('ann')).toBe(1)
  await jest.advanceTimersByTimeAsync(500)
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
