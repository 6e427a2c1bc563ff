import { expect, it } from '@jest/globals'
import fc from 'fast-check'
// @ts-expect-error: the types of ws leave out its senders and receivers.
import { Receiver, Sender } from 'ws'
import { fragmentBytes, textFrame, textFrames } from './text-frame.ts'

const nextPing = () => Buffer.from('ping')
const options = { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true }
const asWsDoes = (message: Buffer) => Buffer.concat(Sender.frame(message, options))

/** What ws makes of the frames: a message as its text, a ping as its payload. */
const receivedFrom = (frames: Buffer) => {
  const received: string[] = []
  const receiver = new Receiver({ isServer: false })
  receiver.on('message', (data: Buffer) => received.push(String(data)))
  receiver.on('ping', (data: Buffer) => received.push(String(data)))
  receiver.write(frames)
  return received
}

it.each([0, 1, 125, 126, fragmentBytes])('frames %i bytes as ws does', (length) => {
  const message = Buffer.alloc(length, 'x')
  expect(textFrame(message, nextPing).equals(asWsDoes(message))).toBe(true)
})

it('puts what comes before and after around each of several, one behind the other', () => {
  const [start, end] = [Buffer.from('{"a":'), Buffer.from('}')]
  const contents = [0, 118, 119, 120, 8_000].map((length) => Buffer.alloc(length, 'x'))
  const wanted = contents.map((content) => asWsDoes(Buffer.concat([start, content, end])))
  expect(textFrames(start, contents, end, nextPing).equals(Buffer.concat(wanted))).toBe(true)
})

it('sends a message of any size whole, with a ping after every few kilobytes of it', () => {
  const size = fc.oneof(
    fc.nat(3 * fragmentBytes),
    fc.constantFrom(1, 2, 3).map((count) => count * fragmentBytes),
    fc.constantFrom(1, 2, 3).map((count) => count * fragmentBytes + 1),
  )
  fc.assert(
    fc.property(fc.array(size, { minLength: 1, maxLength: 4 }), fc.nat(20), fc.nat(20), (sizes, before, after) => {
      const [start, end] = [Buffer.alloc(before, '<'), Buffer.alloc(after, '>')]
      const contents = sizes.map((length, index) => Buffer.alloc(length, String(index)))
      const wanted = contents.flatMap((content) => {
        const message = Buffer.concat([start, content, end])
        const pings = Math.max(0, Math.ceil(message.length / fragmentBytes) - 1)
        return [...Array<string>(pings).fill('ping'), String(message)]
      })
      expect(receivedFrom(textFrames(start, contents, end, nextPing))).toEqual(wanted)
    }),
  )
})
