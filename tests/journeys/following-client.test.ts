import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { WebSocket } from 'ws'
import { createParleyClient, type ParleyClientOptions } from '../../client/parley-client.ts'
import { startTcpProxy, type TcpProxy } from '../../platform/testing/tcp-proxy.ts'
import { ask, createRoom, joinRoom, type Person, send, signIn, signUp, trySend } from '../clients.ts'
import { onEachEngine, type System } from '../engines.ts'
import { type SystemProcess, startProcess } from '../process.ts'

const subscription = `subscription ($roomId: ID!, $after: String) {
  roomEvents(roomId: $roomId, after: $after) {
    __typename cursor
    ... on RoomSnapshot { reset }
    ... on MessageSent { message { text sender { displayName } } }
  }
}`

interface Event {
  __typename: string
  message?: { text: string; sender: { displayName: string } | null }
}

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** Follows a room with the client package, and notes what it is told. */
function follow(roomId: string, { url, ...options }: Pick<ParleyClientOptions, 'url' | 'token' | 'onSignedOut'>) {
  let sockets = 0
  class CountedSocket extends WebSocket {
    constructor(address: string, protocol: string) {
      super(address, protocol)
      sockets += 1
    }
  }
  const graph = () => `${(typeof url === 'string' ? url : url()).replace('http', 'ws')}/graphql`
  const client = createParleyClient({ ...options, url: graph, webSocketImpl: CountedSocket })
  closers.push(client.close)
  const watchers = new Set<() => void>()
  const seen = {
    types: [] as string[],
    messages: [] as NonNullable<Event['message']>[],
    statuses: [] as string[],
    losses: [] as unknown[],
    errors: 0,
    sockets: () => sockets,
    texts: () => seen.messages.map(({ text }) => text),
    /** Waits until the condition holds; throws with what was seen when it does not in time. */
    until: (condition: () => boolean, deadline = 30_000) =>
      new Promise<void>((resolve, reject) => {
        const { types, statuses, losses } = seen
        const fail = () => reject(new Error(`Waited in vain: ${JSON.stringify({ types, statuses, losses })}`))
        const timer = setTimeout(fail, deadline)
        const check = () => {
          if (!condition()) return
          clearTimeout(timer)
          watchers.delete(check)
          resolve()
        }
        watchers.add(check)
        check()
      }),
  }
  const changed = () => {
    for (const watcher of [...watchers]) watcher()
  }
  client.follow<{ roomEvents: Event }>({
    query: subscription,
    variables: { roomId },
    onEvent(event, { errors }) {
      seen.types.push(event.__typename)
      if (event.message) seen.messages.push(event.message)
      seen.errors += errors.length
      changed()
    },
    onStatus(status, loss) {
      seen.statuses.push(status)
      if (loss) seen.losses.push(loss)
      changed()
    },
  })
  return seen
}

onEachEngine('the client package', (start) => {
  let system: System
  let network: TcpProxy
  let ann: Person
  let ben: Person

  beforeAll(async () => {
    system = await start()
    network = await startTcpProxy(system.otherUrl)
    ann = await signUp(system.url, 'Ann')
    ben = await signUp(system.otherUrl, 'Ben')
  }, 90_000)
  afterAll(async () => {
    await network?.close()
    await system?.stop()
  }, 60_000)

  const sharedRoom = async () => {
    const roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
    return roomId
  }

  it('gives every message once and in order, however often its connection is cut', async () => {
    const roomId = await sharedRoom()
    const seen = follow(roomId, { url: network.url.replace(/\/$/, ''), token: async () => ben.accessToken })
    await seen.until(() => seen.statuses.includes('live'))
    const texts: string[] = []
    for (let cuts = 1; cuts <= 3; cuts++) {
      for (let count = 0; count < 10; count++) {
        texts.push((await send(ann, roomId, `${cuts}/${count}`)).message.text)
        if (count === 5) network.cut()
      }
      await seen.until(() => seen.statuses.filter((status) => status === 'live').length > cuts)
    }
    await seen.until(() => seen.messages.length >= texts.length)
    expect(seen.texts()).toEqual(texts)
    expect(new Set(seen.messages.map(({ sender }) => sender?.displayName))).toEqual(new Set(['Ann']))
    expect(seen.types.filter((type) => type === 'RoomSnapshot')).toHaveLength(1)
    expect(seen.types.filter((type) => type === 'CaughtUp')).toHaveLength(3)
  }, 60_000)

  it('ends when the session does, and says so once', async () => {
    const session = await signIn(system.url, ben)
    let signedOut = 0
    const seen = follow(await sharedRoom(), {
      url: system.otherUrl,
      token: async () => session.accessToken,
      onSignedOut: () => signedOut++,
    })
    await seen.until(() => seen.statuses.includes('live'))
    await session.do('mutation { logout }')
    await seen.until(() => seen.statuses.at(-1) === 'ended')
    expect(seen.losses).toEqual([expect.objectContaining({ kind: 'closed', code: 4401 })])
    expect(signedOut).toBe(1)
    expect(seen.sockets()).toBe(1)
  })

  it('ends when the membership does, and says why', async () => {
    const roomId = await sharedRoom()
    const seen = follow(roomId, { url: system.otherUrl, token: async () => ben.accessToken })
    await seen.until(() => seen.statuses.includes('live'))
    await ann.do('mutation ($roomId: ID!, $userId: ID!) { removeMember(roomId: $roomId, userId: $userId) }', {
      roomId,
      userId: ben.userId,
    })
    await seen.until(() => seen.statuses.at(-1) === 'ended')
    expect(seen.types.at(-1)).toBe('MemberLeft')
    expect(seen.losses.at(-1)).toMatchObject({ kind: 'refused', errors: [{ extensions: { code: 'FORBIDDEN' } }] })
  })
})

onEachEngine('the client package with tokens that soon expire', (start) => {
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

  it('outlives them on one socket', async () => {
    const roomId = await createRoom(await signIn(system.url, ann))
    await joinRoom(await signIn(system.url, ben), roomId)
    const first = await signIn(system.otherUrl, ben)
    let { accessToken, refreshToken } = first
    const renew = async () => {
      const query = 'mutation ($input: RefreshInput) { refresh(input: $input) { accessToken refreshToken } }'
      const { data } = await ask<{ refresh: typeof first }>(system.url, query, { input: { refreshToken } })
      if (data) ({ accessToken, refreshToken } = data.refresh)
      return accessToken
    }
    let renewals = 0
    const seen = follow(roomId, {
      url: system.otherUrl,
      async token(insteadOf) {
        if (insteadOf === undefined) return accessToken
        renewals += 1
        return renew()
      },
    })
    await seen.until(() => seen.statuses.includes('live'))
    const isRefused = async () => (await first.try('{ me { id } }')).errors?.[0]?.extensions.code === 'UNAUTHENTICATED'
    while (!(await isRefused())) await send(await signIn(system.url, ann), roomId, 'still here?')
    await send(await signIn(system.url, ann), roomId, 'and now?')
    await seen.until(() => seen.texts().includes('and now?'))
    expect(renewals).toBeGreaterThanOrEqual(3)
    expect(seen.statuses).toEqual(['live'])
    expect(seen.sockets()).toBe(1)
    expect(seen.errors).toBe(0)
  }, 60_000)
})

describe('the client package and a process', () => {
  let dataDir: string
  let system: SystemProcess
  let ann: Person
  let ben: Person

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'parley-client-'))
    system = await startProcess(dataDir)
    ann = await signUp(system.url, 'Ann')
    ben = await signUp(system.url, 'Ben')
  }, 60_000)
  afterAll(async () => {
    await system?.end('SIGKILL')
    await rm(dataDir, { recursive: true, force: true })
  })

  it('goes on through its end, told or not, with nothing lost and nothing twice', async () => {
    const roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
    const seen = follow(roomId, { url: () => system.url, token: async () => ben.accessToken })
    await seen.until(() => seen.statuses.includes('live'))
    const acknowledged: string[] = []
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const write = async () => {
        for (let count = 0; ; count++) {
          const text = `${signal}/${count}`
          const reply = await trySend(ann, roomId, text).catch(() => undefined)
          if (!reply?.data) return
          acknowledged.push(text)
        }
      }
      const writing = write()
      await seen.until(() => seen.texts().filter((text) => text.startsWith(signal)).length >= 20)
      await system.end(signal)
      await writing
      await seen.until(() => seen.statuses.at(-1) === 'reconnecting')
      system = await startProcess(dataDir)
      ann = ann.at(system.url)
      await seen.until(() => seen.statuses.at(-1) === 'live')
    }
    await send(ann, roomId, 'the last')
    await seen.until(() => seen.texts().at(-1) === 'the last')
    const texts = seen.texts()
    expect(texts).toEqual([...new Set(texts)])
    // The one send that was not acknowledged may have been committed.
    expect(texts.filter((text) => acknowledged.includes(text))).toEqual(acknowledged)
    expect(seen.types.filter((type) => type === 'RoomSnapshot')).toHaveLength(1)
    expect(seen.losses).toContainEqual(expect.objectContaining({ kind: 'closed', code: 1012 }))
  }, 90_000)

  it('is shown by the example of its README', async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url))
    const code = /```js\n([\s\S]*?)```/.exec(await readFile(`${root}/client/README.md`, 'utf8'))?.[1] ?? ''
    const roomId = await createRoom(ann)
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        TOKEN: ann.accessToken,
        ROOM_ID: roomId,
        URL: `${system.url.replace('http', 'ws')}/graphql`,
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const lines: { __typename: string; message?: { text: string } }[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      if (lines.push(JSON.parse(line)) === 1) await send(ann, roomId, 'Hello')
      if (lines.length === 2) break
    }
    child.kill()
    expect(lines).toMatchObject([{ __typename: 'RoomSnapshot' }, { message: { text: 'Hello' } }])
  })
})
