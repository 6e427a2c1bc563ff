import { expect, it } from '@jest/globals'
// @ts-expect-error: the types of ws leave out its senders.
import { Sender } from 'ws'
import { textFrame, textFrames } from './text-frame.ts'

const options = { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true }
const asWsDoes = (message: Buffer) => Buffer.concat(Sender.frame(message, options))

it.each([0, 1, 125, 126, 65_535, 65_536, 200_000])('frames %i bytes as ws does', (length) => {
  const message = Buffer.alloc(length, 'ü')
  expect(textFrame(message).equals(asWsDoes(message))).toBe(true)
})

it('puts what comes before and after around each of several, one behind the other', () => {
  const [start, end] = [Buffer.from('{"a":'), Buffer.from('}')]
  const contents = [0, 118, 119, 120, 70_000].map((length) => Buffer.alloc(length, 'x'))
  const wanted = contents.map((content) => asWsDoes(Buffer.concat([start, content, end])))
  expect(textFrames(start, contents, end).equals(Buffer.concat(wanted))).toBe(true)
})
