import type { Socket } from 'node:net'

/** The part of Node's `clientError` that tells what was wrong. */
interface ClientError extends Error {
  code?: string
}

/** How many are answered in one turn of the event loop. */
const atOnce = 8

/**
 * Answers, and closes, connections whose request Node cannot read: it is no HTTP, its headers are too large, or it was not complete in
 * time. All that one client holds open may run out of time together, so they are answered a few at a time.
 */
export function createBrokenRequests(
  inNextTurn: (work: () => void) => unknown = setImmediate,
): (error: ClientError, socket: Socket) => void {
  /** In the order in which they broke; no more than there are connections. */
  const broken = new Map<Socket, ClientError>()
  const answerSome = () => {
    for (const [socket, error] of broken.entries().take(atOnce)) {
      broken.delete(socket)
      answer(socket, error)
    }
    if (broken.size > 0) inNextTurn(answerSome)
  }
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || socket.destroyed || broken.has(socket)) return
    if (broken.size === 0) inNextTurn(answerSome)
    broken.set(socket, error)
    // The rest of a request that was too late must not come and be run while its refusal waits. A request that begins to read its body
    // resumes the connection.
    socket.pause().on('resume', () => void socket.pause())
  }
}

const answers: Record<string, [statusLine: string, message: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request was not complete in time.'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are too large.'],
}
const unreadable: [string, string] = ['400 Bad Request', 'This is no HTTP request.']

function answer(socket: Socket, { code = '' }: ClientError) {
  const [statusLine, message] = answers[code] ?? unreadable
  const body = JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] })
  const head = `HTTP/1.1 ${statusLine}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`
  if (socket.writable && !isAnswering(socket)) socket.write(head + body)
  socket.destroy()
}

/** Whether part of an answer was written, which this one would spoil. Node's own handler decides by the same field. */
const isAnswering = ({ _httpMessage }: Socket & { _httpMessage?: { _headerSent: boolean } | null }) =>
  _httpMessage?._headerSent === true
