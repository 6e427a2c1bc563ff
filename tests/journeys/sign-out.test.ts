import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createPassports, passportHeader } from '../../platform/identity/passport.ts'
import { createRoom, type Person, signIn, signUp } from '../clients.ts'
import { onEachEngine, type System } from '../engines.ts'
import { follow } from '../reader.ts'

const questions = {
  auth: '{ sessions { id } }',
  profile: '{ me { id } }',
  chat: '{ rooms { edges { cursor } } }',
}

onEachEngine('signing out', (start) => {
  let system: System
  let ann: Person

  beforeAll(async () => {
    system = await start({ loginsPerAddress: 1_000 })
    ann = await signUp(system.url, 'Ann')
  }, 90_000)
  afterAll(() => system?.stop(), 60_000)

  /** Asks a subgraph itself, as the gateway would. */
  const askSubgraph = async (name: keyof typeof questions, { headers }: Person) => {
    const body = JSON.stringify({ query: questions[name] })
    const passport = createPassports(system.passportKeys).issue(name, body)
    const response = await fetch(`${system.subgraphs[name].url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [passportHeader]: passport, ...headers },
      body,
    })
    return (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] }
  }

  it('closes the socket with 4401 and makes every subgraph refuse the access token at once', async () => {
    const session = await signIn(system.url, ann)
    const roomId = await createRoom(session)
    const reader = follow(system.otherUrl, session, roomId)
    await reader.until(({ events }) => events.length === 1)
    for (const name of ['auth', 'profile', 'chat'] as const) {
      expect((await askSubgraph(name, session)).errors).toBeUndefined()
    }

    await session.do('mutation { logout }')
    for (const name of ['auth', 'profile', 'chat'] as const) {
      expect((await askSubgraph(name, session)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
      expect((await session.try(questions[name])).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    }
    await reader.until(({ ended }) => ended !== undefined)
    expect(reader.ended).toMatchObject({ code: 4401 })
    expect((await ann.try(questions.auth)).errors).toBeUndefined()
  })

  it('ends every session with logout(everywhere: true)', async () => {
    const people = await Promise.all([signIn(system.url, ann), signIn(system.url, ann)])
    const [first] = people
    await first?.do('mutation { logout(everywhere: true) }')
    for (const person of [...people, ann]) {
      expect((await person.try(questions.chat)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    }
  })

  it('ends the session that was used longest ago when an account has more than a hundred, and closes its socket', async () => {
    const bob = await signUp(system.url, 'Bob')
    const roomId = await createRoom(bob)
    const reader = follow(system.otherUrl, bob, roomId)
    await reader.until(({ events }) => events.length === 1)
    // Three at a time: each counts as a failure until its password was right.
    for (let opened = 1; opened < 100; opened += 3)
      await Promise.all(Array.from({ length: 3 }, () => signIn(system.url, bob)))
    expect((await bob.do('{ sessions { id } }')).sessions).toHaveLength(100)
    expect(reader.ended).toBeUndefined()
    const last = await signIn(system.url, bob)
    await reader.until(({ ended }) => ended !== undefined)
    expect(reader.ended).toMatchObject({ code: 4401 })
    expect((await bob.try(questions.chat)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    expect((await last.do('{ sessions { id } }')).sessions).toHaveLength(100)
  }, 60_000)
})
