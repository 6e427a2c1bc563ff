import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { BSON } from 'mongodb'

const [opReply, opQuery, opMsg] = [1, 2004, 2013]
const hello = {
  ok: 1,
  ismaster: true,
  maxWireVersion: 13,
  minWireVersion: 0,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
}
const refusal = { ok: 0, code: 18, codeName: 'AuthenticationFailed', errmsg: 'Authentication failed.' }

/** As much of a MongoDB server as it takes to refuse a login: it says that it is one, and then no to every command. */
export async function startRefusingMongodb() {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    let bytes: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      while (bytes.length >= 16 && bytes.length >= bytes.readInt32LE(0)) {
        const size = bytes.readInt32LE(0)
        socket.write(answerTo(bytes.subarray(0, size)))
        bytes = bytes.subarray(size)
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function answerTo(message: Buffer): Buffer {
  const [id, code] = [message.readInt32LE(4), message.readInt32LE(12)]
  const isHello = /hello|ismaster/i.test(message.toString('latin1'))
  const document = Buffer.from(BSON.serialize(isHello ? hello : refusal))
  // Of a reply to a query: flags, cursor, first, how many. Of a message: flags, and that a document follows.
  const before = code === opQuery ? Buffer.from([...Array(16).fill(0), 1, 0, 0, 0]) : Buffer.alloc(5)
  const header = Buffer.alloc(16)
  header.writeInt32LE(16 + before.length + document.length, 0)
  header.writeInt32LE(id, 8)
  header.writeInt32LE(code === opQuery ? opReply : opMsg, 12)
  return Buffer.concat([header, before, document])
}
