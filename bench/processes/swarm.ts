import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { initMessage, sentAt, sharedClock, subscribeMessage } from '../clients/protocol.ts'
import { answerParent } from './answer-parent.ts'

/** Where a listener listens: a room of the graph, or without a token whatever the URL stands for. */
export interface Seat {
  url: string
  accessToken?: string
  roomId?: string
}

interface Listener {
  seat: Seat
  socket: WebSocket
  /** The last frame. */
  last: Buffer
  /** Whether it is meant to be connected. */
  live: boolean
  /** How many frames came before the one that was awaited. */
  before: number
}

const listeners: Listener[] = []
/** What came since `clear`, over all of them. */
let frames = 0
let delays: number[] = []
/** Why listeners were lost that nobody cut. */
const lost: string[] = []

/** Connects and subscribes, after the cursor where there is one. Gives the listener once a frame with this text has come. */
function connect(seat: Seat, awaited: string, after?: string): Promise<Listener> {
  const { promise, resolve, reject } = Promise.withResolvers<Listener>()
  const { url, accessToken, roomId } = seat
  const isGraphql = accessToken !== undefined && roomId !== undefined
  const protocols = isGraphql ? ['graphql-transport-ws'] : []
  const socket = new WebSocket(url, protocols, { perMessageDeflate: false, skipUTF8Validation: true })
  const listener: Listener = { seat, socket, last: Buffer.alloc(0), live: false, before: 0 }
  const begin = () => {
    listener.live = true
    socket.on('message', receive)
    resolve(listener)
  }
  const receive = (frame: Buffer) => {
    listener.last = frame
    frames += 1
    const at = sentAt(frame)
    if (at !== undefined) delays.push(sharedClock() - at)
  }
  const enter = (frame: Buffer) => {
    if (frame.includes('"connection_ack"')) return socket.send(subscribeMessage(roomId ?? '', after))
    listener.last = frame
    if (!frame.includes(awaited)) {
      listener.before += 1
      return
    }
    socket.off('message', enter)
    begin()
  }
  socket.on('open', () => {
    if (!isGraphql) return begin()
    socket.on('message', enter)
    socket.send(initMessage(accessToken))
  })
  socket.on('error', reject)
  socket.on('close', (code, reason) => {
    const problem = `closed with ${code} ${reason}; its last frame: ${listener.last}`
    if (listener.live) lost.push(problem)
    reject(new Error(`A listener was ${problem}`))
  })
  return promise
}

const cursorIn = (frame: Buffer) => /"cursor":"([^"]+)"/.exec(String(frame))?.[1]

const answers = {
  /** Seats listeners. Each is seated once a frame with the awaited text has come. */
  async open(seats: Seat[], awaited = 'RoomSnapshot') {
    const waiting = seats.values()
    const lane = async () => {
      for (const seat of waiting) listeners.push(await connect(seat, awaited))
    }
    await Promise.all(Array.from({ length: atOnce }, lane))
  },
  clear() {
    frames = 0
    delays = []
  },
  /**
   * Waits until so many frames have come since `clear`, and no more than `most`. Throws when a listener was lost, or when they do
   * not come.
   */
  async received(count: number, most = count) {
    for (const end = performance.now() + patience; frames < count; await pause(1)) {
      if (lost.length > 0) throw new Error(`${lost.length} listeners were lost, the first ${lost[0]}`)
      if (performance.now() > end) throw new Error(`${frames} of ${count} frames came within ${patience} ms`)
    }
    if (frames > most) throw new Error(`${frames} frames came where ${most} were sent`)
  },
  /** How many frames came since `clear`, and how long each message took from its send, in milliseconds. */
  counts: () => ({ frames, delays: delays.map((delay) => delay / 1_000) }),
  /** The last frame of the first listener. */
  sample: () => String(listeners[0]?.last),
  /** Cuts every connection, as a lost network does. */
  cut() {
    for (const listener of listeners) {
      listener.live = false
      listener.socket.terminate()
    }
  },
  /**
   * Connects all of them again at once, each after its cursor; who is turned away tries again soon. Gives when each had caught up, in
   * milliseconds from now, how many frames all of them got until then, and how many tries it took beyond the first.
   */
  async resume() {
    const start = performance.now()
    let retries = 0
    let replayed = 0
    const again = async ({ seat, last }: Listener): Promise<number> => {
      try {
        const listener = await connect(seat, 'CaughtUp', cursorIn(last))
        listeners.push(listener)
        replayed += listener.before
        return performance.now() - start
      } catch (error) {
        retries += 1
        if (performance.now() - start > patience) throw error
        await pause(100 + Math.random() * 400)
        return again({ seat, last } as Listener)
      }
    }
    const times = await Promise.all(listeners.splice(0).map(again))
    return { times, replayed, retries }
  },
}
export type Swarm = typeof answers

/** How many connect at a time when they are seated. */
const atOnce = 64
/** How long anything is waited for, in milliseconds. */
const patience = 60_000

answerParent(answers, () => answers.cut())
