import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Network } from '../../dev/network.ts'
import { type Person, signUp } from '../clients.ts'
import { startSystem } from '../system.ts'

const json = 'application/json; charset=utf-8'
const graphql = 'application/graphql-response+json; charset=utf-8'
const page = 'http://localhost:5173'

interface Answer {
  status: number
  headers: Headers
  text: string
}

describe('an answer of /graphql', () => {
  let system: Network
  let ann: Person
  beforeAll(async () => {
    system = await startSystem()
    ann = await signUp(system.url, 'Ann')
  })
  afterAll(() => system.stop())

  const send = async (init: RequestInit, search = '', path = '/graphql'): Promise<Answer> => {
    const response = await fetch(`${system.url}${path}${search}`, init)
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  const post = (body: RequestInit['body'], headers: Record<string, string> = {}) =>
    send({ method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
  const text = (query: string) => JSON.stringify({ query })
  const expectErrors = ({ text: body, headers, status }: Answer, expected: object) => {
    expect({ status, type: headers.get('content-type'), ...JSON.parse(body) }).toMatchObject(expected)
    expect(JSON.parse(body)).not.toHaveProperty('data')
  }

  /** Each way to be refused, by the layer that refuses it. */
  const refusals: [
    fault: string,
    status: number,
    code: string,
    ask: (headers: Record<string, string>) => Promise<Answer>,
  ][] = [
    [
      'a bad token',
      401,
      'UNAUTHENTICATED',
      (h) => post(text('{ __typename }'), { ...h, authorization: 'Bearer a.b.c' }),
    ],
    [
      'no token at all in the header',
      401,
      'UNAUTHENTICATED',
      (h) => post(text('{ __typename }'), { ...h, authorization: 'x' }),
    ],
    ['a limit', 400, 'BAD_USER_INPUT', (h) => post(text(`{ ${'__typename '.repeat(900)} }`), h)],
    ['broken syntax', 400, 'BAD_USER_INPUT', (h) => post(text('{'), h)],
    ['an unknown field', 400, 'BAD_USER_INPUT', (h) => post(text('{ nothing }'), h)],
    [
      'a variable of the wrong type',
      400,
      'BAD_USER_INPUT',
      (h) => post('{"query":"query ($id: ID!) { user(id: $id) { id } }"}', h),
    ],
    [
      'a subscription',
      400,
      'BAD_USER_INPUT',
      (h) => post(text('subscription { roomEvents(roomId: "x") { cursor } }'), h),
    ],
    ['broken JSON', 400, 'BAD_USER_INPUT', (h) => post('{', h)],
    ['a body that is no object', 400, 'BAD_USER_INPUT', (h) => post('"x"', h)],
    ['a batch', 400, 'BAD_USER_INPUT', (h) => post('[]', h)],
    ['an empty body', 400, 'BAD_USER_INPUT', (h) => post('', h)],
    ['bytes that are not UTF-8', 400, 'BAD_USER_INPUT', (h) => post(Buffer.from([0x7b, 0xe4, 0x7d]), h)],
    ['a body that is too large', 413, 'BAD_USER_INPUT', (h) => post('x'.repeat(110_000), h)],
    ['a compressed body', 415, 'BAD_USER_INPUT', (h) => post('x', { ...h, 'content-encoding': 'gzip' })],
    [
      'another media type',
      415,
      'BAD_USER_INPUT',
      (h) => post('{ __typename }', { ...h, 'content-type': 'application/graphql' }),
    ],
    [
      'another encoding',
      415,
      'BAD_USER_INPUT',
      (h) => post('{}', { ...h, 'content-type': 'application/json; charset=utf-16' }),
    ],
    ['another method', 405, 'BAD_USER_INPUT', (h) => send({ method: 'PUT', headers: h })],
    [
      'a mutation by GET',
      405,
      'BAD_USER_INPUT',
      (h) => send({ headers: { ...h, ...ann.headers } }, '?query=mutation{logout}'),
    ],
    ['a GET that any page can send', 400, 'BAD_USER_INPUT', (h) => send({ headers: h }, '?query={__typename}')],
    [
      'two queries in a URL',
      400,
      'BAD_USER_INPUT',
      (h) => send({ headers: { ...h, ...ann.headers } }, '?query={a}&query={b}'),
    ],
    [
      'variables in a URL that are no JSON',
      400,
      'BAD_USER_INPUT',
      (h) => send({ headers: { ...h, ...ann.headers } }, '?query={a}&variables=x'),
    ],
  ]

  it.each(refusals)(
    'to %s has its status, the shape and the media type that were asked for',
    async (_, status, code, ask) => {
      for (const [accept, type] of [
        ['application/graphql-response+json', graphql],
        ['application/json', json],
        ['*/*', json],
        ['application/graphql-response+json,application/json;q=0.9', graphql],
      ] as const) {
        const answer = await ask({ accept, origin: page })
        expectErrors(answer, { status, type, errors: [{ message: expect.any(String), extensions: { code } }] })
        expect(answer.headers.get('access-control-allow-origin')).toBe(page)
        expect(answer.headers.get('access-control-allow-credentials')).toBe('true')
        expect(answer.headers.get('access-control-expose-headers')).toContain('retry-after')
      }
    },
  )

  it('with data is 200 in either media type', async () => {
    for (const [accept, type] of [
      [graphql, graphql],
      [json, json],
      ['*/*', json],
    ] as const) {
      const answer = await post(text('{ me { displayName } }'), { ...ann.headers, accept })
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type])
      expect(JSON.parse(answer.text)).toEqual({ data: { me: { displayName: 'Ann' } } })
    }
  })

  it('to a client that accepts neither is 406, and nothing has run', async () => {
    const rename = text('mutation { updateProfile(input: { displayName: "Mallory" }) { displayName } }')
    for (const accept of [
      'text/html',
      'text/event-stream',
      'application/xml',
      'application/json;q=0',
      'multipart/mixed',
    ]) {
      const answer = await post(rename, { ...ann.headers, accept })
      expectErrors(answer, { status: 406, type: json, errors: [{ extensions: { field: 'accept' } }] })
    }
    expect(await ann.do('{ me { displayName } }')).toEqual({ me: { displayName: 'Ann' } })
  })

  it('names what is wrong with a body, and what is taken', async () => {
    const fields = async (body: string, headers = {}) => JSON.parse((await post(body, headers)).text).errors[0]
    expect(await fields('{')).toMatchObject({ message: 'body: must be JSON', extensions: { field: 'body' } })
    expect(await fields('')).toMatchObject({ message: 'body: must not be empty', extensions: { field: 'body' } })
    expect(await fields('1')).toMatchObject({ extensions: { field: 'body' } })
    expect(await fields('{}')).toMatchObject({ extensions: { field: 'query' } })
    const other = await post('{ __typename }', { 'content-type': 'application/graphql' })
    expect(other.headers.get('accept-post')).toBe('application/json')
    expect(JSON.parse(other.text).errors[0].message).toContain('application/json')
    expect(other.status).toBe(415)
  })

  it.each([
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'Application/JSON',
    'application/json ; charset="utf-8"',
  ])('takes a body of type %s', async (type) => {
    expect((await post(text('{ __typename }'), { 'content-type': type })).status).toBe(200)
  })

  it('takes a body with a byte order mark, and one that is not encoded further', async () => {
    expect((await post(`\ufeff${text('{ __typename }')}`)).status).toBe(200)
    expect((await post(text('{ __typename }'), { 'content-encoding': 'identity' })).status).toBe(200)
  })

  it('is there with a slash at the end, too', async () => {
    const init = { method: 'POST', body: text('{ __typename }'), headers: { 'content-type': 'application/json' } }
    expect((await send(init, '', '/graphql/')).status).toBe(200)
  })

  it('to a bad token says how to sign in', async () => {
    const answer = await post(text('{ __typename }'), { authorization: 'Bearer a.b.c' })
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  })

  it('by GET runs the operation that the URL names, with its variables', async () => {
    const query = 'query A($id: ID!) { user(id: $id) { displayName } } query B { __typename }'
    const search = (more: object) => `?${new URLSearchParams({ query, ...more })}`
    const variables = JSON.stringify({ id: ann.userId })
    const answer = await send({ headers: ann.headers }, search({ operationName: 'A', variables }))
    expect(JSON.parse(answer.text)).toEqual({ data: { user: { displayName: 'Ann' } } })
    const single = await send({ headers: ann.headers }, '?query={__typename}&operationName=')
    expect(JSON.parse(single.text)).toEqual({ data: { __typename: 'Query' } })
  })

  it('comes to a client that offers another protocol with an ordinary request, as Java’s does', async () => {
    const headers = {
      'content-type': 'application/json',
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA',
    }
    const status = await new Promise((resolve, reject) => {
      const asked = request(`${system.url}/graphql`, { method: 'POST', headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      asked.on('error', reject)
      asked.end(text('{ __typename }'))
    })
    expect(status).toBe(200)
  })
})

describe('another method', () => {
  let system: Network
  beforeAll(async () => {
    system = await startSystem({ gateway: { webRoot: new URL('../../docs', import.meta.url).pathname } })
  })
  afterAll(() => system.stop())

  const places: [path: string, allowed: string, methods: string[]][] = [
    ['/graphql', 'GET, POST', ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']],
    ['/graphql/', 'GET, POST', ['PUT', 'OPTIONS']],
    ['/graphql?query={a}', 'GET, POST', ['PUT', 'HEAD']],
    ['/%67raphql', 'GET, POST', ['PUT', 'HEAD']],
    ['/health/%6Cive', 'GET, HEAD', ['PUT', 'POST']],
    ['/health/live', 'GET, HEAD', ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'POST']],
    ['/health/ready', 'GET, HEAD', ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'POST']],
    ['/ide', 'GET, HEAD', ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'POST']],
    ['/clients.md', 'GET, HEAD', ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'POST']],
    ['/', 'GET, HEAD', ['POST', 'DELETE']],
  ]
  it.each(places)('at %s is refused with 405 and what is allowed: %s', async (path, allowed, methods) => {
    for (const method of methods) {
      for (const headers of [{}, { accept: 'text/html' }] as Record<string, string>[]) {
        const { status, headers: answered } = await fetch(`${system.url}${path}`, { method, headers })
        expect([method, status, answered.get('allow')]).toEqual([method, 405, allowed])
      }
    }
  })

  it('is no matter where nothing is', async () => {
    await system.stop()
    system = await startSystem()
    for (const method of ['GET', 'HEAD', 'PUT', 'POST', 'OPTIONS']) {
      expect((await fetch(`${system.url}/nothing`, { method })).status).toBe(404)
    }
  })

  it('is no matter for an address that cannot be read, which is refused in the shape of every refusal', async () => {
    for (const path of ['/graphql%', '/%', '/%zz?query={a}', `/${'x'.repeat(8_000)}`]) {
      const reply = await fetch(`${system.url}${path}`, { headers: { origin: page } })
      expect([path, [400, 404].includes(reply.status)]).toEqual([path, true])
      expect(await reply.json()).toMatchObject({ errors: [{ message: expect.any(String) }] })
    }
  })

  it('HEAD is GET without the body where there is a page', async () => {
    for (const path of ['/health/live', '/ide']) {
      const reply = await fetch(`${system.url}${path}`, { method: 'HEAD' })
      expect([reply.status, await reply.text()]).toEqual([200, ''])
    }
  })
})
