import type { Socket } from 'node:net'
import { expect, it } from '@jest/globals'
import { array, assert, integer, property } from 'fast-check'
import { excessiveUnread } from './unread-answers.ts'

const sizes = new Map<Socket, number>()
const socketsOf = (bytes: number[]) =>
  bytes.map((each) => {
    const socket = {} as Socket
    sizes.set(socket, each)
    return socket
  })
const closing = (addresses: number[][], most: number) => {
  const sockets = addresses.map(socketsOf)
  return excessiveUnread(sockets, (socket) => sizes.get(socket) ?? 0, most).map((socket) => sizes.get(socket) ?? 0)
}

it('closes nothing while little waits', () => {
  expect(closing([], 100_000)).toEqual([])
  expect(closing([[30_000, 0], [70_000]], 100_000)).toEqual([])
})

it('closes the largest of the address for which most waits, and no one who takes what it is given', () => {
  expect(closing([[60_000, 40_000, 50_000], [70_000]], 200_000)).toEqual([60_000])
  expect(closing([Array(5).fill(90_000), [95_000]], 220_000)).toEqual(Array(4).fill(90_000))
  expect(closing([Array(20).fill(10_000), [30_000]], 25_000)).toEqual([30_000])
})

it('leaves at most seven eighths, and never closes more than that takes', () => {
  const most = 200_000
  const addresses = array(array(integer({ min: 0, max: 120_000 }), { maxLength: 6 }), { maxLength: 6 })
  assert(
    property(addresses, (generated) => {
      const counted = generated.flat().filter((bytes) => bytes > 16_384)
      const total = counted.reduce((sum, bytes) => sum + bytes, 0)
      const closed = closing(generated, most)
      const left = total - closed.reduce((sum, bytes) => sum + bytes, 0)
      if (total <= most) return closed.length === 0
      return left <= (most * 7) / 8 && left + (closed.at(-1) ?? 0) > (most * 7) / 8
    }),
  )
})
