import type { FastifyInstance } from 'fastify'
import { badInput } from '../../platform/errors/app-error.ts'

/**
 * Takes JSON bodies, and no others: forms and plain text are what a page of another site can send without a preflight. A body is
 * UTF-8, or refused: bytes of another encoding would be stored as question marks. Empty bodies and broken JSON are refused, too.
 */
export function takeJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const charset = /;\s*charset="?([^";\s]*)/i.exec(request.headers['content-type'] ?? '')?.[1]
    if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
      return done(Object.assign(new Error(`The body must be UTF-8, not ${charset}.`), { statusCode: 415 }))
    }
    const text = decode(body as Buffer)
    if (text === undefined) return done(badInput('body', 'must be UTF-8'))
    if (text.trim() === '') return done(badInput('body', 'must not be empty'))
    parse(request, text, (error, value) => done(error ? badInput('body', 'must be JSON') : null, value))
  })
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Without a byte order mark; undefined when it is not UTF-8. */
function decode(body: Buffer): string | undefined {
  try {
    return decoder.decode(body)
  } catch {
    return undefined
  }
}
