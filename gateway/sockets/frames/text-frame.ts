/**
 * WebSocket messages from a server (RFC 6455, 5.2): an unmasked text frame for each content, between `start` and `end`, all in one piece,
 * so that they take one write where a library that is handed a message makes two, and nothing is copied twice.
 */
export function textFrames(start: Buffer, contents: readonly Buffer[], end: Buffer): Buffer {
  const around = start.length + end.length
  let size = 0
  for (const { length } of contents) size += headerLength(around + length) + around + length
  const frames = Buffer.allocUnsafe(size)
  let at = 0
  for (const content of contents) {
    at = writeHeader(frames, at, around + content.length)
    at += start.copy(frames, at)
    at += content.copy(frames, at)
    at += end.copy(frames, at)
  }
  return frames
}

const nothing = Buffer.alloc(0)

/** One such message. */
export const textFrame = (content: Buffer): Buffer => textFrames(nothing, [content], nothing)

const finalText = 0x81
const headerLength = (length: number) => (length < 126 ? 2 : length < 65_536 ? 4 : 10)

/** Gives the position after it. */
function writeHeader(frames: Buffer, at: number, length: number): number {
  frames[at] = finalText
  if (length < 126) {
    frames[at + 1] = length
    return at + 2
  }
  if (length < 65_536) {
    frames[at + 1] = 126
    return frames.writeUInt16BE(length, at + 2)
  }
  frames[at + 1] = 127
  return frames.writeBigUInt64BE(BigInt(length), at + 2)
}
