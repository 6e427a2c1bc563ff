import { expect, it } from '@jest/globals'
// @ts-expect-error: the types of ws leave out its senders.
import { Sender } from 'ws'
import { textFrame } from './text-frame.ts'

it.each([0, 1, 125, 126, 65_535, 65_536, 200_000])('frames %i bytes as ws does', (length) => {
  const message = Buffer.alloc(length, 'ü')
  const [half, other] = [message.subarray(0, length >> 1), message.subarray(length >> 1)]
  const options = { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true }
  const wanted = Buffer.concat(Sender.frame(message, options))
  expect(textFrame(half, other).equals(wanted)).toBe(true)
})
