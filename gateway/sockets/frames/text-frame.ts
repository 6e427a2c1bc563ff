/**
 * How many bytes of a message one frame has at most. A larger message is sent in fragments with a ping between each two (RFC 6455, 5.4), so
 * that a peer on a slow link shows by its pongs that it takes them: a ping behind the whole message would be answered minutes later.
 */
export const fragmentBytes = 8_192

/** The payload of a ping: its peer has to have read it to answer it. */
export type NextPing = () => Buffer
export const pingBytes = 4

/** An unmasked ping. */
export const pingFrame = (payload: Buffer): Buffer => Buffer.concat([pingHeader, payload])

const pingHeader = Buffer.from([0x89, pingBytes])
const pingLength = pingHeader.length + pingBytes

/**
 * WebSocket messages from a server (RFC 6455, 5.2): an unmasked text message for each content, between `start` and `end`, all in one piece,
 * so that they take one write where a library that is handed a message makes two, and nothing is copied twice.
 */
export function textFrames(start: Buffer, contents: readonly Buffer[], end: Buffer, nextPing: NextPing): Buffer {
  const around = start.length + end.length
  let size = 0
  for (const { length } of contents) size += messageLength(around + length)
  const frames = Buffer.allocUnsafe(size)
  let at = 0
  for (const content of contents) {
    const length = around + content.length
    if (length > fragmentBytes) {
      at = writeFragments(frames, at, [start, content, end], length, nextPing)
      continue
    }
    at = writeHeader(frames, at, finalText, length)
    at += start.copy(frames, at)
    at += content.copy(frames, at)
    at += end.copy(frames, at)
  }
  return frames
}

const nothing = Buffer.alloc(0)

/** One such message. */
export const textFrame = (content: Buffer, nextPing: NextPing): Buffer =>
  textFrames(nothing, [content], nothing, nextPing)

const [final, text, continuation] = [0x80, 0x1, 0x0]
const finalText = final | text
const headerLength = (length: number) => (length < 126 ? 2 : length < 65_536 ? 4 : 10)

/** The bytes of a message of this length, with its headers and pings. */
function messageLength(length: number): number {
  if (length <= fragmentBytes) return headerLength(length) + length
  const whole = Math.floor((length - 1) / fragmentBytes)
  const rest = length - whole * fragmentBytes
  return length + whole * (headerLength(fragmentBytes) + pingLength) + headerLength(rest)
}

/** Returns the position after the message. */
function writeFragments(frames: Buffer, start: number, parts: Buffer[], length: number, nextPing: NextPing): number {
  let at = start
  let [part, taken] = [0, 0]
  for (let left = length; left > 0; ) {
    const size = Math.min(left, fragmentBytes)
    const kind = (left === length ? text : continuation) | (left === size ? final : 0)
    at = writeHeader(frames, at, kind, size)
    for (const stop = at + size; at < stop; ) {
      const source = parts[part] ?? nothing
      const copied = source.copy(frames, at, taken, Math.min(source.length, taken + stop - at))
      at += copied
      taken += copied
      if (taken === source.length) [part, taken] = [part + 1, 0]
    }
    left -= size
    if (left > 0) at += pingFrame(nextPing()).copy(frames, at)
  }
  return at
}

/** Returns the position after it. */
function writeHeader(frames: Buffer, at: number, kind: number, length: number): number {
  frames[at] = kind
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
