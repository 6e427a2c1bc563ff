/**
 * A WebSocket message from a server (RFC 6455, 5.2): one unmasked text frame around the parts, in one piece, so that it takes one
 * write where a library that is handed a message makes two, and nothing is copied twice.
 */
export function textFrame(...parts: Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(headerLength + length)
  frame[0] = finalText
  if (headerLength === 2) frame[1] = length
  else if (headerLength === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  let at = headerLength
  for (const part of parts) at += part.copy(frame, at)
  return frame
}

const finalText = 0x81
