import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { WebSocketServer } from 'ws'
import { createResources, type Resources } from '../../platform/lifecycle/resources.ts'
import { openBareWriter } from './bare-writer.ts'

describe('a writer of the bare server', () => {
  let resources: Resources
  let server: WebSocketServer
  let write: (room: string, text: string) => Promise<void>

  beforeEach(async () => {
    resources = createResources()
    server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    resources.onClose(() => void server.close())
    await once(server, 'listening')
    const connected = once(server, 'connection')
    write = await openBareWriter(resources, `ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
    await connected
  })
  afterEach(() => resources.close())

  const socket = () => [...server.clients][0]

  it('waits for as many acknowledgements as it has sent', async () => {
    const sends = [write('here', 'one'), write('here', 'two')]
    socket()?.send('ack')
    await sends[0]
    socket()?.send('ack')
    await sends[1]
  })

  it('fails what waits when the server goes, and what is sent after that', async () => {
    const sends = Promise.allSettled([write('here', 'one'), write('here', 'two')])
    socket()?.terminate()
    const gone = { status: 'rejected', reason: expect.objectContaining({ message: expect.stringMatching(/is gone/) }) }
    expect(await sends).toEqual([gone, gone])
    await expect(write('here', 'three')).rejects.toThrow('not open')
  })

  it('fails what waits when the connection breaks, and says why', async () => {
    const sent = write('here', 'one')
    socket()?.once('message', () => {
      // No frame of a WebSocket.
      ;(socket() as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(Buffer.alloc(16, 0xff))
    })
    await expect(sent).rejects.toMatchObject({ cause: expect.any(Error) })
  })
})
