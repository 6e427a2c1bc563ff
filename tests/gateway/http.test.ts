import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { WebSocket } from 'ws'
import type { Network } from '../../dev/network.ts'
import { ask } from '../clients.ts'
import { startSystem } from '../system.ts'

describe('the gateway over HTTP', () => {
  let system: Network
  beforeAll(async () => {
    system = await startSystem({ gateway: { pointsPerMinute: { ofUser: 720, ofAddress: 1_000 } } })
  })
  afterAll(() => system.stop())

  const upgradeStatus = () =>
    new Promise<number | undefined>((resolve) => {
      const socket = new WebSocket(`${system.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
      socket.on('unexpected-response', (_, response) => resolve(response.statusCode))
      socket.on('open', () => {
        socket.terminate()
        resolve(101)
      })
      socket.on('error', () => {})
    })

  it('sends subscriptions to the WebSocket', async () => {
    const { status, errors } = await ask(system.url, 'subscription { roomEvents(roomId: "x") { cursor } }')
    expect(status).toBe(400)
    expect(errors).toMatchObject([{ message: 'Subscribe over WebSocket.', extensions: { code: 'BAD_USER_INPUT' } }])
  })

  it('counts operations and new sockets of an address together', async () => {
    const statuses = [await upgradeStatus()]
    for (let count = 0; count < 3; count += 1) statuses.push((await ask(system.url, '{ __typename }')).status)
    expect(statuses).toEqual([101, 200, 200, 200])
    const refused = await ask(system.url, '{ __typename }')
    expect(refused).toMatchObject({ status: 429, errors: [{ extensions: { code: 'TOO_MANY_REQUESTS' } }] })
    expect(refused.errors?.[0]?.extensions.retryAfter).toBeGreaterThan(0)
    expect(await upgradeStatus()).toBe(429)
    expect((await fetch(`${system.url}/health/ready`)).status).toBe(200)
  })
})
