import { expect } from '@jest/globals'
import { createPassports, passportHeader } from '../../platform/identity/passport.ts'
import { ask } from '../clients.ts'
import { expectCode, sendRaw } from './refusals.ts'
import type { WatchedSystem } from './watched-system.ts'

/** Needs profile and chat, and nothing of auth but its keys. */
export const question = '{ me { id } rooms { edges { cursor } } }'

/** The gateway refuses it and asks no subgraph; profile and chat refuse it too when they are asked themselves. */
export async function expectTokenRefused(system: WatchedSystem, what: string, token: string): Promise<void> {
  system.forget()
  const reply = await ask(system.url, question, {}, { authorization: `Bearer ${token}` })
  expect({ what, ...expectCode(reply, 'UNAUTHENTICATED').extensions }).toMatchObject({
    what,
    code: 'UNAUTHENTICATED',
  })
  expect(reply.data?.me ?? null).toBeNull()
  expect({ what, calls: system.calls }).toEqual({ what, calls: [] })
  for (const [name, query] of [
    ['profile', '{ me { id } }'],
    ['chat', '{ rooms { edges { cursor } } }'],
  ] as const) {
    const body = JSON.stringify({ query })
    const passport = createPassports(system.passportKeys).issue(name, body)
    const direct = await sendRaw(`${system.subgraphs[name].url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, [passportHeader]: passport },
      body,
    })
    expect({ what, name, code: direct.errors?.[0]?.extensions.code }).toEqual({ what, name, code: 'UNAUTHENTICATED' })
  }
}
