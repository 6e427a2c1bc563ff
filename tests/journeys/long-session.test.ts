import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { ask, createRoom, joinRoom, type Person, send, signIn, signUp } from '../clients.ts'
import { onEachEngine, type System } from '../engines.ts'

interface Renewed {
  refresh: { accessToken: string; refreshToken: string }
}

onEachEngine('a socket that outlives its first access token', (start) => {
  let system: System
  let ann: Person
  let ben: Person

  beforeAll(async () => {
    // The tolerance of five seconds is added to this.
    system = await start({ accessTokenLifetime: 1 })
    ann = await signUp(system.url, 'Ann')
    ben = await signUp(system.otherUrl, 'Ben')
  }, 90_000)
  afterAll(() => system?.stop(), 60_000)

  const isRefused = async ({ headers }: Pick<Person, 'headers'>) =>
    (await ask(system.url, '{ me { id } }', {}, headers)).errors?.[0]?.extensions.code === 'UNAUTHENTICATED'

  it('gets names with its events still, when it brought a new token by ping', async () => {
    const roomId = await createRoom(await signIn(system.url, ann))
    await joinRoom(await signIn(system.url, ben), roomId)
    let socket: WebSocket | undefined
    const client = createClient({
      url: `${system.otherUrl.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: ben.headers.authorization },
      retryAttempts: 0,
      on: {
        opened: (opened) => {
          socket = opened as WebSocket
        },
      },
    })
    const events = client.iterate<{ roomEvents: { message?: { sender: { displayName: string } } } }>({
      query: `subscription { roomEvents(roomId: "${roomId}") { ... on MessageSent { message { sender { displayName } } } } }`,
    })
    await events.next()

    let { refreshToken } = ben
    while (!(await isRefused(ben))) {
      const query = 'mutation ($input: RefreshInput) { refresh(input: $input) { accessToken refreshToken } }'
      const { data } = await ask<Renewed>(system.url, query, { input: { refreshToken } })
      if (!data) throw new Error('The session could not be refreshed')
      refreshToken = data.refresh.refreshToken
      socket?.send(JSON.stringify({ type: 'ping', payload: { authorization: `Bearer ${data.refresh.accessToken}` } }))
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    await send(await signIn(system.url, ann), roomId, 'still here?')
    const { value } = await events.next()
    expect(value?.errors).toBeUndefined()
    expect(value?.data?.roomEvents.message?.sender.displayName).toBe('Ann')
    await client.dispose()
  })
})
