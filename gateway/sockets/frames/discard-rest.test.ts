import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { discardRest } from './discard-rest.ts'

let server: Server
let client: Socket
let ours: Socket

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
  ;[ours] = (await accepted) as [Socket]
  ours.on('error', () => {})
})
afterEach(async () => {
  client.destroy()
  ours.destroy()
  server.close()
  await once(server, 'close')
})

it('lets a peer that sends much and reads late have what was written last', async () => {
  const flood = Buffer.alloc(5_000_000)
  let parsed = 0
  ours.on('data', ({ length }) => {
    parsed += length
    if (parsed > length) return
    ours.write('goodbye')
    discardRest(ours)
  })
  const ended = once(ours, 'finish')
  client.pause()
  client.write(flood)
  await ended
  expect(ours.bytesRead).toBe(flood.length)
  expect(parsed).toBeLessThan(flood.length)
  let received = ''
  client.on('data', (data) => {
    received += data
  })
  client.resume()
  await once(client, 'close')
  expect(received).toBe('goodbye')
})

it('ends its side of a connection whose peer never stops', async () => {
  discardRest(ours)
  const flood = setInterval(() => {
    if (client.writableLength < 100_000) client.write(Buffer.alloc(100_000))
  }, 1)
  client.on('error', () => {})
  await once(ours, 'finish')
  clearInterval(flood)
})
