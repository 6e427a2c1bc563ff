import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { ask, createRoom, joinRoom, type Person, send, signUp } from '../clients.ts'
import { onEachEngine, type System } from '../engines.ts'
import { follow } from '../reader.ts'

onEachEngine('the federated graph', (start, engine) => {
  let system: System
  let ann: Person
  let ben: Person

  beforeAll(async () => {
    system = await start()
    ann = await signUp(system.url, 'Ann')
    ben = await signUp(system.otherUrl, 'Ben')
  }, 90_000)
  afterAll(() => system?.stop(), 60_000)

  /** The names of the subgraphs that were asked during the work, with "_entities" for entity fetches. */
  const callsDuring = async (work: () => Promise<unknown>) => {
    const calls: string[] = []
    const names = new Map(Object.entries(system.subgraphs).map(([name, { url }]) => [url, name]))
    const note = (event: unknown) => {
      const { request } = event as { request: { origin: string; body: unknown } }
      const name = names.get(String(request.origin))
      if (name) calls.push(String(request.body).includes('_entities') ? `${name} _entities` : name)
    }
    subscribe('undici:request:create', note)
    try {
      await work()
    } finally {
      unsubscribe('undici:request:create', note)
    }
    return calls.toSorted()
  }

  it('answers a query over all three subgraphs with one batched entity call for each subgraph and level', async () => {
    for (let index = 0; index < 3; index += 1) {
      const roomId = await createRoom(ann, 'PUBLIC', `Room ${index}`)
      await joinRoom(ben, roomId)
      for (let count = 0; count < 10; count += 1) await send(count % 2 ? ann : ben, roomId, `${count}`)
    }
    type Names = {
      rooms: { edges: { node: { messages: { edges: { node: { sender: { displayName: string } } }[] } } }[] }
    }
    let data: Names | undefined
    const calls = await callsDuring(async () => {
      data = await ann.do<Names>(`{
        sessions { id current }
        me { username }
        rooms { edges { node { name unreadCount messages(last: 10) { edges { node { text sender { displayName } } } } } } }
      }`)
    })
    const senders = data?.rooms.edges.flatMap(({ node }) =>
      node.messages.edges.map((edge) => edge.node.sender.displayName),
    )
    expect(senders).toHaveLength(30)
    expect(new Set(senders)).toEqual(new Set(['Ann', 'Ben']))
    // Calls of a gateway in another process are not seen here; the plan is the same.
    if (engine === 'embedded') expect(calls).toEqual(['auth', 'chat', 'profile', 'profile _entities'])
  })

  it('gives the new profile in the answer to its registration', async () => {
    const input = { username: 'fresh.one', password: 'a long enough one', displayName: 'Fresh' }
    const { data, errors } = await ask<{ register: { user: { displayName: string } } }>(
      system.url,
      'mutation ($input: RegisterInput!) { register(input: $input) { user { displayName } } }',
      { input },
    )
    expect(errors).toBeUndefined()
    expect(data?.register.user.displayName).toBe('Fresh')
  })

  it('brings messages without their sender, and an error at its path, while profile is away; names return with it', async () => {
    const roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
    const reader = follow(system.otherUrl, ben, roomId)
    await reader.until(({ events }) => events.length === 1)
    await send(ann, roomId, 'before')
    await reader.until((seen) => seen.sent().length === 1)

    await system.subgraphs.profile.stop()
    await send(ann, roomId, 'during')
    await reader.until((seen) => seen.sent().length === 2)
    expect(reader.errors).toMatchObject([
      { path: ['roomEvents', 'message', 'sender'], extensions: { code: 'UNAVAILABLE' } },
    ])

    await system.subgraphs.profile.start()
    await send(ann, roomId, 'after')
    await reader.until((seen) => seen.sent().length === 3)
    expect(reader.sent().map(({ text, sender }) => [text, sender?.displayName])).toEqual([
      ['before', 'Ann'],
      ['during', undefined],
      ['after', 'Ann'],
    ])
    expect(reader.errors).toHaveLength(1)
    await reader.close()
  })

  it('ends a live subscription with UNAVAILABLE when chat goes away, and resumes where it was once chat is back', async () => {
    const roomId = await createRoom(ann)
    const before = follow(system.otherUrl, ann, roomId)
    await before.until(({ events }) => events.length === 1)
    await send(ann, roomId, 'one')
    await before.until((seen) => seen.sent().length === 1)
    await system.subgraphs.chat.stop()
    await before.until(({ ended }) => ended !== undefined)
    expect(before.ended).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] })

    await system.subgraphs.chat.start()
    await send(ann, roomId, 'two')
    const after = follow(system.otherUrl, ann, roomId, before.cursor())
    await after.until(({ events }) => events.at(-1)?.__typename === 'CaughtUp')
    expect(after.sent().map(({ text }) => text)).toEqual(['two'])
    await after.close()
  })
})
