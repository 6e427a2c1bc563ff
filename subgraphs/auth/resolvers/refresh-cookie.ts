import { parseCookie, type SetCookie, stringifySetCookie } from 'cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** The refresh token as browsers keep it, out of the reach of scripts. */
export interface RefreshCookie {
  /** What the client sent; undefined without the cookie. */
  value: string | undefined
  set(refreshToken: string): void
  clear(): void
}

export interface RefreshCookieRules {
  /** In seconds. */
  maxAge: number
  /** Over HTTPS only. */
  secure: boolean
}

const name = 'parley_refresh'

export function createRefreshCookie(
  { maxAge, secure }: RefreshCookieRules,
  http: { request: FastifyRequest; reply: FastifyReply } | undefined,
): RefreshCookie {
  const send = (cookie: Pick<SetCookie, 'value' | 'maxAge'>) =>
    http?.reply.header(
      'set-cookie',
      stringifySetCookie({ ...cookie, name, path: '/graphql', httpOnly: true, sameSite: 'strict', secure }),
    )
  return {
    value: parseCookie(http?.request.headers.cookie ?? '')[name],
    set: (refreshToken) => void send({ value: refreshToken, maxAge }),
    clear: () => void send({ value: '', maxAge: 0 }),
  }
}
