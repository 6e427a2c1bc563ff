import { connect, type Socket } from 'node:net'

/** A protocol as far as it takes to tell its servers from others. */
interface Protocol {
  name: string
  /** What a server of it answers; one without speaks first. */
  hello?: Buffer
  isAnswer(bytes: Buffer): boolean
}

const id = 0x7061726c
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

/** `{ isMaster: 1 }` as BSON. */
const isMaster = Buffer.concat([int32(19), Buffer.from('\x10isMaster\0'), int32(1), Buffer.from([0])])
/** An OP_QUERY to `admin.$cmd`, which every server of MongoDB takes with that question. */
const mongodbQuery = Buffer.concat([...[int32(0), Buffer.from('admin.$cmd\0'), int32(0), int32(-1)], isMaster])
const mongodbHello = Buffer.concat([int32(16 + mongodbQuery.length), int32(id), int32(0), int32(2004), mongodbQuery])
/** ApiVersions, version 0, without a client's name: what a client may ask before it signs in. */
const kafkaHello = Buffer.from('0000000a001200007061726cffff', 'hex')

export const protocols = {
  MySQL: { name: 'MySQL', isAnswer: (bytes) => bytes[3] === 0 && (bytes[4] === 0x0a || bytes[4] === 0xff) },
  MongoDB: {
    name: 'MongoDB',
    hello: mongodbHello,
    isAnswer: (bytes) => bytes.length >= 16 && bytes.readInt32LE(8) === id && [1, 2013].includes(bytes.readInt32LE(12)),
  },
  Redis: {
    name: 'Redis',
    hello: Buffer.from('PING\r\n'),
    isAnswer: (bytes) => /^(\+PONG\r|-[A-Z]+ )/.test(bytes.toString('latin1')),
  },
  Kafka: {
    name: 'Kafka',
    hello: kafkaHello,
    isAnswer: (bytes) => bytes.length >= 8 && bytes.readInt32BE(4) === id,
  },
  HTTP: {
    name: 'HTTP',
    hello: Buffer.from('GET / HTTP/1.0\r\n\r\n'),
    isAnswer: (bytes) => bytes.toString('latin1').startsWith('HTTP/1.'),
  },
} satisfies Record<string, Protocol>

export type ProtocolName = keyof typeof protocols

/** What was found at an address: a protocol; something that speaks another one; something that says nothing; nobody, and why. */
export type Found = { protocol: ProtocolName } | 'unknown' | 'silent' | { unreachable: string }

const all = Object.entries(protocols) as [ProtocolName, Protocol][]
const firstBytes = 16

/** Finds out whether the server there is of the expected kind, or else of which. Never throws; takes two seconds at most. */
export async function identifyServer(host: string, port: number, expected: ProtocolName): Promise<Found> {
  const answer = await greet(host, port, protocols[expected], 1_000)
  if (typeof answer !== 'string') {
    if (!Buffer.isBuffer(answer)) return answer
    const found = all.find(([, protocol]) => protocol.isAnswer(answer))
    return found ? { protocol: found[0] } : 'unknown'
  }
  // It said nothing to that: each of the others is tried, on a connection of its own.
  const others = all.filter(([name]) => name !== expected)
  const answers = await Promise.all(others.map(([, protocol]) => greet(host, port, protocol, 800)))
  const index = others.findIndex(([, { isAnswer }], at) => {
    const given = answers[at]
    return Buffer.isBuffer(given) && isAnswer(given)
  })
  const other = others[index]
  return other ? { protocol: other[0] } : 'silent'
}

/** What comes first from a server that is told hello. */
function greet(host: string, port: number, { hello }: Protocol, deadline: number) {
  return new Promise<Buffer | 'silent' | { unreachable: string }>((resolve) => {
    let bytes = Buffer.alloc(0)
    let isConnected = false
    const socket: Socket = connect({ host, port, timeout: deadline })
    const end = (failure?: string) => {
      clearTimeout(timer)
      socket.destroy()
      if (bytes.length > 0) resolve(bytes)
      else resolve(isConnected ? 'silent' : { unreachable: failure ?? 'ETIMEDOUT' })
    }
    const timer = setTimeout(end, deadline)
    socket.on('connect', () => {
      isConnected = true
      if (hello) socket.write(hello)
    })
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      if (bytes.length >= firstBytes || bytes.includes('\n')) end()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
    socket.on('close', () => end())
  })
}
