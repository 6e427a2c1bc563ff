import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ask, createRoom, type Person, type Reply, send, signUp } from '../clients.ts'
import { clockAhead } from '../clock.ts'
import { hasServers } from '../servers/place.ts'
import { startProcessesOnServers } from '../servers/processes.ts'

const suite = hasServers() ? describe : describe.skip
/** In seconds. A token of the one that is behind has ended by everybody else's clock when it is made. */
const lifetime = 8
const grace = 6

interface Refreshed {
  refresh: { refreshToken: string; accessToken: string }
}

suite.each([11, 28])('two auths whose clocks are %i s apart, on real servers', (apart) => {
  let started: Awaited<ReturnType<typeof startProcessesOnServers>>
  let url: string
  beforeAll(async () => {
    started = await startProcessesOnServers(
      { ACCESS_TOKEN_LIFETIME: String(lifetime), REFRESH_GRACE: String(grace) },
      {
        counts: { auth: 2, gateway: 1, chat: 1, 'fan-out': 1 },
        only: { 'auth-1': clockAhead(apart / 2), 'auth-2': clockAhead(-apart / 2) },
      },
    )
    url = started.system.processes.gateway[0]?.url ?? ''
    // Gateway, profile and chat have learned what time it is at both.
    const ann = await signUp(url, 'Ann')
    for (const end = performance.now() + 30_000; performance.now() < end; await pause(100)) {
      const all = await Promise.all(Array.from({ length: 8 }, () => signUp(url, 'Ann').then(accepts, () => false)))
      if (all.every(Boolean)) return
    }
    throw new Error(`Tokens were never accepted: ${ann.accessToken}`)
  }, 120_000)
  afterAll(() => started?.stop(), 60_000)

  const accepts = async (who: Person) => {
    const [me, rooms] = await Promise.all([who.try('{ me { id } }'), who.try('{ rooms { edges { cursor } } }')])
    return !me.errors && !rooms.errors
  }
  /** Which of the two made the token. */
  const madeBy = (accessToken: string) => {
    const { iat } = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as { iat: number }
    return iat * 1_000 > Date.now() ? 'ahead' : 'behind'
  }
  const refresh = (refreshToken: string): Promise<Reply<Refreshed>> =>
    ask(url, 'mutation ($input: RefreshInput) { refresh(input: $input) { refreshToken accessToken } }', {
      input: { refreshToken },
    })
  const traded = async (refreshToken: string) => {
    const { data, errors } = await refresh(refreshToken)
    expect(errors).toBeUndefined()
    return (data as Refreshed).refresh
  }

  it('make tokens that everybody accepts, whichever of them made them', async () => {
    const makers = new Set<string>()
    for (let tries = 0; makers.size < 2 && tries < 40; tries += 1) {
      const ann = await signUp(url, 'Ann')
      makers.add(madeBy(ann.accessToken))
      const roomId = await createRoom(ann)
      await send(ann, roomId, 'hello')
      expect(await accepts(ann)).toBe(true)
    }
    expect([...makers].sort()).toEqual(['ahead', 'behind'])
  }, 60_000)

  it('give every ancestor of a session the living token within the grace, whichever of them traded it', async () => {
    const makers = new Set<string>()
    for (let round = 0; round < 12; round += 1) {
      const ann = await signUp(url, 'Ann')
      const first = await traded(ann.refreshToken)
      const second = await traded(first.refreshToken)
      const again = await Promise.all([ann.refreshToken, first.refreshToken, ann.refreshToken].map(traded))
      expect(again.map(({ refreshToken }) => refreshToken)).toEqual(Array(3).fill(second.refreshToken))
      for (const { accessToken } of [first, second, ...again]) makers.add(madeBy(accessToken))
    }
    expect([...makers].sort()).toEqual(['ahead', 'behind'])
  }, 60_000)

  it('end the session of a token that is used after the grace, at both', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => signUp(url, 'Ann')))
    const living = await Promise.all(people.map(({ refreshToken }) => traded(refreshToken)))
    // Each use within the grace is harmless; the first one after it ends the session.
    await Promise.all(
      people.map(async ({ refreshToken }, index) => {
        await traded(refreshToken)
        for (;;) {
          const { errors } = await refresh(refreshToken)
          if (errors) {
            expect(errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
            break
          }
          await pause(200)
        }
        const { errors } = await refresh(living[index]?.refreshToken ?? '')
        expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
      }),
    )
  }, 60_000)
})
