import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createRoom, joinRoom, type Person, signIn, signUp, trySend } from '../clients.ts'
import { type SystemProcess, startProcess } from '../process.ts'
import { follow } from '../reader.ts'

describe('the process', () => {
  let dataDir: string
  let system: SystemProcess
  let ann: Person
  let ben: Person

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'parley-process-'))
    system = await startProcess(dataDir)
    ann = await signUp(system.url, 'Ann')
    ben = await signUp(system.url, 'Ben')
  }, 60_000)
  afterAll(async () => {
    await system.end('SIGKILL')
    await rm(dataDir, { recursive: true, force: true })
  })

  it('loses nothing acknowledged when it is killed under load, and its readers resume', async () => {
    const roomId = await createRoom(ann)
    await joinRoom(ben, roomId)
    const before = follow(system.url, ben, roomId)
    await before.until(({ events }) => events.length === 1)
    const acknowledged = new Map<number, string>()
    let killed = false
    const writer = async (name: number) => {
      for (let count = 0; !killed; count += 1) {
        const reply = await trySend(ann, roomId, `${name}/${count}`).catch(() => undefined)
        if (reply?.data) acknowledged.set(reply.data.sendMessage.message.seq, reply.data.sendMessage.message.text)
      }
    }
    const writers = [1, 2, 3, 4, 5].map(writer)
    await before.until((seen) => seen.sent().length >= 100)
    await system.end('SIGKILL')
    killed = true
    await Promise.all(writers)
    await before.until(({ ended }) => ended !== undefined)

    system = await startProcess(dataDir)
    const again = await signIn(system.url, ben)
    const after = follow(system.url, again, roomId, before.cursor())
    await after.until(({ events }) => events.at(-1)?.__typename === 'CaughtUp')
    const seen = [...before.sent(), ...after.sent()]
    const bySeq = new Map(seen.map(({ seq, text }) => [seq, text]))
    expect(seen).toHaveLength(bySeq.size)
    for (const [seq, text] of acknowledged) expect([seq, bySeq.get(seq)]).toEqual([seq, text])
    const seqs = seen.map(({ seq }) => seq)
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => (seqs[0] ?? 0) + index))

    const live = await trySend(await signIn(system.url, ann), roomId, 'live again')
    expect(live.data?.sendMessage.message.seq).toBe((seqs.at(-1) ?? 0) + 1)
    await after.until((reader) => reader.sent().at(-1)?.text === 'live again')
    await after.close()
  }, 90_000)

  it('keeps the sessions, the demo logins and revocations over a restart', async () => {
    const session = await signIn(system.url, ann)
    const kept = await signIn(system.url, ann)
    await kept.do('mutation ($id: ID!) { revokeSession(id: $id) }', { id: session.sessionId })
    const logins = /Demo logins\n.*\n.*\n/.exec(system.output())?.[0]
    await system.end('SIGKILL')
    // As if the first start had been killed before the demo was whole: it is made again, over what is there.
    await rm(join(dataDir, 'demo-made'))
    system = await startProcess(dataDir)
    expect(system.output()).toContain(logins)
    const ask = async ({ headers }: Person) => {
      const body = JSON.stringify({ query: '{ sessions { id } }' })
      const response = await fetch(`${system.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      })
      return response.status
    }
    expect(await ask(kept)).toBe(200)
    expect(await ask(session)).toBe(401)
  }, 90_000)

  it('closes sockets with 1012 and exits with 0 when it is told to stop', async () => {
    const roomId = await createRoom(await signIn(system.url, ann))
    const reader = follow(system.url, await signIn(system.url, ann), roomId)
    await reader.until(({ events }) => events.length === 1)
    expect(await system.end('SIGTERM')).toBe(0)
    await reader.until(({ ended }) => ended !== undefined)
    expect(reader.ended).toMatchObject({ code: 1012 })
    expect(system.output()).toContain('Parley has stopped')
  }, 60_000)

  it('refuses a data folder that another process has open, and names the setting', async () => {
    const first = await startProcess(dataDir)
    await expect(startProcess(dataDir)).rejects.toThrow(/DATA_DIR .* is in use/)
    await expect(startProcess(dataDir, { PORT: 'many', LOG_LEVEL: 'loud' })).rejects.toThrow(
      /PORT must be.*\n.*LOG_LEVEL must be/,
    )
    await first.end('SIGTERM')
  }, 60_000)
})
