import type { FastifyInstance } from 'fastify'
import { refuse } from './answer-errors.ts'

/** Answers 405 with `Allow` where a path is there, but not for the request's method. To be called before the routes are added. */
export function refuseOtherMethods(app: FastifyInstance): void {
  const methodsByUrl = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    if (url === preflights) return
    const methods = methodsByUrl.get(url) ?? new Set()
    methodsByUrl.set(url, methods)
    for (const each of [method].flat()) methods.add(each)
  })
  app.addHook('onRequest', async ({ url, method }, reply) => {
    const path = routedPath(url)
    const methods = methodsByUrl.get(path) ?? methodsBelow(path, methodsByUrl)
    // A wildcard of files serves what has no route of its own, and @fastify/cors takes in OPTIONS everywhere.
    if (!methods || methods.has(method)) return
    const allowed = [...methods].sort().join(', ')
    return refuse(reply.header('allow', allowed), 405, `${method} is not served here, only ${allowed}.`)
  })
}

/**
 * The path by which the router finds the route of a request: without an origin, cut at `?` or `#`, decoded except for reserved characters,
 * and without a slash at its end.
 */
export function routedPath(url: string): string {
  const [path = ''] = url.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/)
  return decoded(path || '/').replace(/(?<=.)\/$/, '')
}

/** A path that cannot be decoded has no route. */
function decoded(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

/** The route with which @fastify/cors takes in the preflights of every path. */
const preflights = '*'

function methodsBelow(path: string, methodsByUrl: Map<string, Set<string>>): Set<string> | undefined {
  const wildcard = [...methodsByUrl.keys()].find((url) => url.endsWith('*') && path.startsWith(url.slice(0, -1)))
  return wildcard === undefined ? undefined : methodsByUrl.get(wildcard)
}
