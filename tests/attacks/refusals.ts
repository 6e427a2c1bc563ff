import { expect } from '@jest/globals'
import { type ErrorCode, errorCodes } from '../../platform/errors/app-error.ts'
import { ask, type GraphqlError } from '../clients.ts'

const revealing: Record<string, RegExp> = {
  host: /127\.0\.0\.1|localhost|\[?::1|ECONN|ENOTFOUND|https?:\/\/(?!\s|$)/i,
  path: /(^|[\s"'(])\/(home|tmp|usr|var|work|app|data)\b|node_modules|file:\/\/|\.[cm]?[tj]s\b/i,
  table: /\b(accounts|session_tokens|signing_keys|outbox|room_log|room_members|profiles|memberships)\b/i,
  sql: /sqlite|mysql|mongo|\bselect\b.+\bfrom\b|\binsert into\b|\bupdate\b.+\bset\b|constraint failed|syntax error at/i,
  stack: /\n\s+at |stacktrace|TypeError|RangeError|ReferenceError|Cannot read propert/i,
}
const told = ['code', 'field', 'retryAfter', 'requestId', 'http', 'limit', 'asked', 'allowed']

/** Errors carry a code of the contract and nothing about what is inside: no host, path, table, SQL or stack. */
export function expectClean(errors: GraphqlError[] = []): void {
  for (const error of errors) {
    expect(errorCodes).toContain(error.extensions.code)
    expect(told).toEqual(expect.arrayContaining(Object.keys(error.extensions)))
    const text = JSON.stringify(error)
    for (const [what, pattern] of Object.entries(revealing)) {
      expect({ what, found: pattern.exec(text)?.[0], text }).toMatchObject({ found: undefined })
    }
  }
}

/** Every error is clean and has this code. Gives the first one. */
export function expectCode(reply: { errors?: GraphqlError[] }, code: ErrorCode): GraphqlError {
  expectClean(reply.errors)
  expect(reply.errors?.map(({ extensions }) => extensions.code)).toEqual(expect.arrayContaining([code]))
  expect(new Set(reply.errors?.map(({ extensions }) => extensions.code)).size).toBe(1)
  return reply.errors?.[0] as GraphqlError
}

export interface RawReply {
  status: number
  headers: Headers
  text: string
  errors?: GraphqlError[]
}

/** Sends any request at all to the address; what comes back need not be JSON, but its errors are clean. */
export async function sendRaw(address: string, request: RequestInit): Promise<RawReply> {
  const response = await fetch(address, { signal: AbortSignal.timeout(20_000), ...request })
  const text = await response.text()
  const errors = errorsOf(text)
  expectClean(errors)
  for (const [what, pattern] of Object.entries(revealing)) {
    if (response.status >= 400) expect({ what, found: pattern.exec(text)?.[0] }).toMatchObject({ found: undefined })
  }
  return { status: response.status, headers: response.headers, text, errors }
}

function errorsOf(text: string): GraphqlError[] | undefined {
  try {
    return (JSON.parse(text) as { errors?: GraphqlError[] }).errors
  } catch {
    return undefined
  }
}

/** The gateway still answers a plain question. */
export async function expectAlive(url: string): Promise<void> {
  expect(await ask(url, '{ __typename }')).toMatchObject({ status: 200, data: { __typename: 'Query' } })
}
