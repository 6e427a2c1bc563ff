import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { type Person, send } from '../../tests/clients.ts'
import { initMessage } from '../clients/protocol.ts'

/** What a flood is given, and how it leaves. */
export interface Flood {
  about: string
  /** Resolves when the flood is over. */
  run(scene: Scene): Promise<void>
}

export interface Scene {
  url: string
  attacker: Person
  /** A room of the attacker's with a hundred messages of the largest size. */
  roomId: string
  /** The cursor of its beginning. */
  start: string
}

/** The longest text that a message may have, in the largest characters: 16 kB. */
export const largestText = () => '\u{1F600}'.repeat(2_000)

const seconds = 6

export const floods: Record<string, Flood> = {
  aliases: {
    about: '20 sockets x 50 subscriptions that differ in one alias, and ten messages of 16 kB',
    async run(scene) {
      const sockets = await Promise.all(Array.from({ length: 20 }, () => open(scene)))
      for (const [at, socket] of sockets.entries()) {
        for (let n = 0; n < 50; n += 1)
          subscribe(socket, `${n}`, scene, `... on MessageSent { message { a${at}_${n}: text } }`)
      }
      await pause(2_000)
      for (let n = 0; n < 10; n += 1) await send(scene.attacker, scene.roomId, largestText())
      await pause(seconds * 1_000)
      for (const socket of sockets) socket.terminate()
    },
  },
  snapshots: {
    about: 'nine snapshots of a hundred messages of 16 kB, each with two aliases, again and again',
    run: (scene) => again(scene, 9, (n) => `... on RoomSnapshot { messages { a${n}: text b${n}: text } }`, undefined),
  },
  replays: {
    about: 'a hundred replays from position 0 on two sockets',
    run: (scene) => again(scene, 50, (n) => `... on MessageSent { message { a${n}: text } }`, scene.start, 2),
  },
  pongs: {
    about: 'pong frames on four sockets, as fast as they go',
    async run(scene) {
      const sockets = await Promise.all(Array.from({ length: 4 }, () => open(scene)))
      const payload = randomBytes(125)
      for (const end = Date.now() + seconds * 1_000; Date.now() < end; await pause(1)) {
        for (const socket of sockets) {
          for (let n = 0; n < 200 && socket.readyState === WebSocket.OPEN && socket.bufferedAmount < 1e6; n += 1)
            socket.pong(payload)
        }
      }
      for (const socket of sockets) socket.terminate()
    },
  },
  connections: {
    about: '6,000 connections with half a request, from another address than the bystander’s',
    async run({ url }) {
      const sockets: Socket[] = []
      for (let n = 0; n < 6_000; n += 1) {
        const socket = connectTcp({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress: '127.0.0.9' })
        socket.on('error', () => {})
        socket.write('POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n')
        sockets.push(socket)
        if (n % 100 === 0) await pause(10)
      }
      await pause(seconds * 1_000)
      for (const socket of sockets) socket.destroy()
    },
  },
}

async function again(scene: Scene, count: number, selection: (n: number) => string, after?: string, sockets = 1) {
  for (const end = Date.now() + seconds * 1_000; Date.now() < end; ) {
    const opened = await Promise.all(Array.from({ length: sockets }, () => open(scene)))
    for (const socket of opened)
      for (let n = 0; n < count; n += 1) subscribe(socket, `${n}`, scene, selection(n), after)
    await pause(1_500)
    for (const socket of opened) socket.terminate()
  }
}

async function open({ url, attacker }: Scene): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws')
  socket.on('error', () => {})
  await once(socket, 'open')
  socket.send(initMessage(attacker.accessToken))
  await once(socket, 'message')
  return socket
}

function subscribe(socket: WebSocket, id: string, { roomId }: Scene, selection: string, after?: string) {
  const query = `subscription ($roomId: ID!, $after: String) { roomEvents(roomId: $roomId, after: $after) { cursor ${selection} } }`
  socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables: { roomId, after } } }))
}
