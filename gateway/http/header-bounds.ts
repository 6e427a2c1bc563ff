import type { IncomingHttpHeaders } from 'node:http'

/**
 * The most characters of each header that a library parses, with the status that refuses a longer one. Parsers of headers may take
 * time that grows with the square of a length, and all headers together may have 15 kB. Clients send far less.
 */
const bounds: Record<string, { characters: number; status: 406 | 415 | 431 }> = {
  'content-type': { characters: 200, status: 415 },
  accept: { characters: 1_000, status: 406 },
  cookie: { characters: 8_192, status: 431 },
  origin: { characters: 300, status: 431 },
  host: { characters: 300, status: 431 },
  'x-forwarded-for': { characters: 2_000, status: 431 },
  'x-forwarded-host': { characters: 2_000, status: 431 },
  'x-forwarded-proto': { characters: 2_000, status: 431 },
  'sec-websocket-key': { characters: 100, status: 431 },
  'sec-websocket-protocol': { characters: 300, status: 431 },
  'sec-websocket-extensions': { characters: 1_000, status: 431 },
}

export interface LongHeader {
  name: string
  status: 406 | 415 | 431
  message: string
}

/** The first header that is longer than it may be. CORS alone looks at headers before: its answers hold for refusals, too. */
export function longHeaderIn(headers: IncomingHttpHeaders): LongHeader | undefined {
  for (const [name, { characters, status }] of Object.entries(bounds)) {
    const value = headers[name]
    if (value === undefined || String(value).length <= characters) continue
    return { name, status, message: `${name}: must have at most ${characters} characters` }
  }
  return undefined
}

/** Whether this header is longer than it may be. */
export const isLong = (name: string, value: string): boolean => value.length > (bounds[name]?.characters ?? 0)
