import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { ask, createRoom, joinRoom, type Person, type SentMessage, send, signIn, signUp } from '../clients.ts'
import { onEachEngine, type System } from '../engines.ts'

interface SeenEvent {
  __typename: string
  message?: { seq: number; text: string; sender: { displayName: string } }
}

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

  it('keeps its subscription, its place in it and its names, when it brought a new token by ping', async () => {
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
    const events = client.iterate<{ roomEvents: SeenEvent }>({
      query: `subscription {
        roomEvents(roomId: "${roomId}") { __typename ... on MessageSent { message { seq text sender { displayName } } } }
      }`,
    })
    const next = async () => {
      const { value } = await events.next()
      expect(value?.errors).toBeUndefined()
      return value?.data?.roomEvents
    }
    expect(await next()).toEqual({ __typename: 'RoomSnapshot' })

    let { refreshToken } = ben
    const sent: SentMessage['message'][] = []
    while (!(await isRefused(ben))) {
      const query = 'mutation ($input: RefreshInput) { refresh(input: $input) { accessToken refreshToken } }'
      const { data } = await ask<Renewed>(system.url, query, { input: { refreshToken } })
      if (!data) throw new Error('The session could not be refreshed')
      refreshToken = data.refresh.refreshToken
      socket?.send(JSON.stringify({ type: 'ping', payload: { authorization: `Bearer ${data.refresh.accessToken}` } }))
      sent.push((await send(await signIn(system.url, ann), roomId, `message ${sent.length}`)).message)
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    sent.push((await send(await signIn(system.url, ann), roomId, 'still here?')).message)
    for (const { seq, text } of sent) {
      expect(await next()).toEqual({
        __typename: 'MessageSent',
        message: { seq, text, sender: { displayName: 'Ann' } },
      })
    }
    expect(sent.map(({ seq }) => seq - (sent[0]?.seq ?? 0))).toEqual(sent.map((_, index) => index))
    await client.dispose()
  })
})
