import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { ask, type Person, signUp } from '../clients.ts'
import { expectAlive, expectCode, sendRaw } from './refusals.ts'
import { askSocket, upgrade } from './socket-client.ts'
import { startWatchedSystem, type WatchedSystem } from './watched-system.ts'

const rename = 'mutation { updateProfile(input: { displayName: "Mallory" }) { displayName } }'
const json = { 'content-type': 'application/json' }
const stranger = 'https://evil.example'

describe('an HTTP request', () => {
  let system: WatchedSystem
  let ann: Person

  beforeAll(async () => {
    system = await startWatchedSystem({
      gateway: { allowedOrigins: ['https://chat.example'], operationTimeout: 1_500 },
    })
    ann = await signUp(system.url, 'Ann')
  })
  afterAll(() => system.stop())
  beforeEach(() => system.forget())
  afterEach(() => expectAlive(system.url))

  const send = (request: RequestInit, search = '') =>
    sendRaw(`${system.url}/graphql${search}`, {
      method: 'POST',
      ...request,
      headers: { ...ann.headers, ...(request.headers as Record<string, string>) },
    })
  const expectNothingDone = async () => {
    expect(system.calls).toEqual([])
    expect(await ann.do('{ me { displayName } }')).toEqual({ me: { displayName: 'Ann' } })
  }

  it('with an array of operations is refused', async () => {
    for (const body of [[{ query: rename }], [{ query: rename }, { query: rename }], []]) {
      expect((await send({ headers: json, body: JSON.stringify(body) })).status).toBe(400)
    }
    await expectNothingDone()
  })

  it('with a body that is no operation is refused', async () => {
    const bodies = [
      '',
      '{',
      'null',
      '"x"',
      '1',
      '{}',
      '{"query":1}',
      '{"query":["{ me { id } }"]}',
      '{"query":{"a":1}}',
    ]
    const odd = ['"x"', '[]', '1', '[{"a":1}]'].map((variables) => `{"query":"{ me { id } }","variables":${variables}}`)
    const named = ['1', '{}', '"unknown"'].map((name) => `{"query":"{ me { id } }","operationName":${name}}`)
    for (const body of [...bodies, ...odd, ...named, '{"query":"{ me { id } }","extensions":"x"}']) {
      expect({ body, status: (await send({ headers: json, body })).status }).toEqual({ body, status: 400 })
    }
    await expectNothingDone()
  })

  it('by GET without a header that browsers never send by themselves is refused', async () => {
    const url = `${system.url}/graphql?query=${encodeURIComponent('{ me { id } }')}`
    const simple = [
      {},
      { cookie: 'parley_refresh=something' },
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/x-www-form-urlencoded' },
      { origin: stranger, accept: 'application/graphql-response+json', 'accept-language': 'en', range: 'bytes=0-9' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', referer: `${stranger}/` },
      { authorization: '' },
      { 'x-apollo-operation-name': '' },
    ]
    for (const headers of simple as Record<string, string>[]) {
      expect([headers, (await sendRaw(url, { headers })).status]).toEqual([headers, 400])
    }
    // What browsers send by themselves in `authorization` is no bearer token.
    expect((await sendRaw(url, { headers: { authorization: 'Basic YTpi' } })).status).toBe(401)
    await expectNothingDone()
  })

  it('by GET with an access token is answered: no page of another site can send that without a preflight', async () => {
    const search = `?query=${encodeURIComponent('{ me { displayName } }')}`
    const reply = await send({ method: 'GET' }, search)
    expect([reply.status, JSON.parse(reply.text)]).toEqual([200, { data: { me: { displayName: 'Ann' } } }])
  })

  it('by GET with a mutation is refused with 405', async () => {
    const search = `?query=${encodeURIComponent(rename)}`
    const headers = { 'apollo-require-preflight': 'true' }
    expect((await send({ method: 'GET', headers }, search)).status).toBe(405)
    expect((await send({ method: 'HEAD', headers }, search)).status).toBeGreaterThanOrEqual(400)
    await expectNothingDone()
  })

  it('by another method is refused', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const reply = await send({ method, headers: json, body: JSON.stringify({ query: rename }) })
      expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'GET, POST'])
    }
    await expectNothingDone()
  })

  it('as a form or text, which a page of another site can send, is refused', async () => {
    const query = JSON.stringify({ query: rename })
    const form = new FormData()
    form.set('operations', query)
    const bodies: RequestInit[] = [
      { body: new URLSearchParams({ query: rename }) },
      { body: form },
      { headers: { 'content-type': 'text/plain' }, body: query },
      { headers: { 'content-type': 'text/plain;application/json' }, body: query },
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: query },
      { headers: { 'content-type': 'application/graphql' }, body: rename },
      { body: new Blob([query]) },
    ]
    for (const request of bodies) expect([400, 415]).toContain((await send(request)).status)
    await expectNothingDone()
  })

  it('with a body over 100 kB is refused with 413, whether or not it tells its length', async () => {
    const body = JSON.stringify({ query: rename, padding: 'x'.repeat(110_000) })
    expect((await send({ headers: json, body })).status).toBe(413)
    const stream = new Blob([body]).stream()
    expect((await send({ headers: json, body: stream, duplex: 'half' } as RequestInit)).status).toBe(413)
    await expectNothingDone()
  })

  it('with a compressed body is refused with 415', async () => {
    const body = gzipSync(JSON.stringify({ query: rename }))
    for (const encoding of ['gzip', 'deflate', 'br', 'identity, gzip']) {
      expect((await send({ headers: { ...json, 'content-encoding': encoding }, body })).status).toBe(415)
    }
    await expectNothingDone()
  })

  it.each([
    ['content-type', `application/json; a=b${' '.repeat(14_000)}x`, 415],
    ['content-type', `application/json;${' a=b;'.repeat(100)}`, 415],
    ['accept', `application/json;a="${','.repeat(14_000)}`, 406],
    ['accept', `${'a/b;q=0.1,'.repeat(1_000)}application/json`, 406],
    ['cookie', `a=${'b; c='.repeat(2_800)}`, 431],
    ['origin', `https://${'a.'.repeat(7_000)}example`, 431],
    ['x-forwarded-for', '127.0.0.1, '.repeat(1_200).slice(0, -2), 431],
    ['x-forwarded-host', 'a,'.repeat(7_000), 431],
    ['x-forwarded-proto', 'https,'.repeat(2_000), 431],
  ])('with a %s that takes long to parse is refused before that', async (name, value, status) => {
    const body = JSON.stringify({ query: rename })
    const reply = await send({ headers: { ...json, [name]: value }, body })
    expect([reply.status, reply.errors?.[0]?.extensions]).toEqual([status, { code: 'BAD_USER_INPUT', field: name }])
    if (name !== 'content-type' && name !== 'accept') expect(await upgrade(system.url, { [name]: value })).toBe(431)
    await expectNothingDone()
  })

  it('may have parameters in its content-type, in whatever way they are written', async () => {
    const body = JSON.stringify({ query: '{ __typename }' })
    for (const parameters of ['', ';charset=utf-8', `; a=b${' '.repeat(150)}x`, ';a="b;c"', ';;;']) {
      const reply = await send({ headers: { 'content-type': `application/json${parameters}` }, body })
      expect([parameters, reply.status]).toEqual([parameters, 200])
    }
  })

  it('gets a short message, however long what it repeats is', async () => {
    const text = 'x'.repeat(15_000)
    const find = 'query ($n: Int) { users(first: $n) { edges { cursor } } }'
    const bodies = [
      { query: find, variables: { n: text } },
      { query: find, variables: { [text]: 1, n: { [text]: text } } },
      { query: find.replaceAll('$n', `$${text}`), variables: { [text]: 'no number' } },
      { query: `{ users(first: "${text}") { edges { cursor } } }` },
      { query: `{ ${text} }` },
      { query: `{ me { id } ${text} "` },
      { query: `query ${text} { me { id } } query ${text} { me { id } }` },
    ]
    for (const body of bodies) {
      const reply = await send({ headers: json, body: JSON.stringify(body) })
      expect(reply.status).toBe(400)
      expect(reply.text.length).toBeLessThan(1_000)
      const { errors = [] } = await askSocket(system.url, body.query, ann.accessToken, body.variables)
      expect(errors[0]?.message.length).toBeLessThanOrEqual(200)
    }
    const missing = await sendRaw(`${system.url}/${'x'.repeat(10_000)}`, {})
    expect([missing.status, missing.text.length < 1_000]).toEqual([404, true])
    await expectNothingDone()
  })

  it('with a subscription is refused', async () => {
    const body = JSON.stringify({ query: `subscription { roomEvents(roomId: "${ann.userId}") { cursor } }` })
    expect((await send({ headers: json, body })).status).toBe(400)
    await expectNothingDone()
  })

  it('with a dear operation beside the one that it names is refused', async () => {
    const query = `query a { __typename } query b { me { ${'id '.repeat(900)}} }`
    expect((await send({ headers: json, body: JSON.stringify({ query, operationName: 'a' }) })).status).toBe(400)
    await expectNothingDone()
  })

  it('from a web origin that is not on the list gets no CORS headers, and no WebSocket', async () => {
    const body = JSON.stringify({ query: '{ __typename }' })
    const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' }
    for (const origin of [
      stranger,
      'null',
      'https://chat.example.evil.example',
      'https://chat.example:444',
      'http://chat.example',
    ]) {
      for (const reply of [
        await send({ headers: { ...json, origin }, body }),
        await send({ method: 'OPTIONS', headers: { origin, ...preflight } }),
      ]) {
        expect([...reply.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
      }
      expect(await upgrade(system.url, { origin })).toBe(403)
    }
    const origin = 'https://chat.example'
    const { headers } = await send({ headers: { ...json, origin }, body })
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(await upgrade(system.url, { origin })).toBe(101)
  })

  it('that runs over its deadline ends with UNAVAILABLE, and its calls to subgraphs are aborted', async () => {
    const release = system.hold('profile')
    const reply = await ask(system.url, '{ me { username } sessions { id } }', {}, ann.headers)
    expectCode(reply, 'UNAVAILABLE')
    const held = system.calls.filter(({ subgraph }) => subgraph === 'profile')
    expect(held).toHaveLength(1)
    while (!held[0]?.aborted) await new Promise(setImmediate)
    release()
    expect(await ann.do('{ me { username } }')).toEqual({ me: { username: ann.username } })
  })

  it('gets nothing of what it claims about itself to a subgraph', async () => {
    const claims = {
      'x-user-id': 'admin',
      'x-roles': 'admin',
      'x-parley-passport': 'mine',
      'x-forwarded-user': 'admin',
      'x-real-ip': '203.0.113.7',
      forwarded: 'for=203.0.113.7',
      cookie: 'a=b',
    }
    await ask(system.url, '{ me { id } rooms { edges { cursor } } sessions { id } }', {}, { ...ann.headers, ...claims })
    expect(new Set(system.calls.map(({ subgraph }) => subgraph)).size).toBe(3)
    for (const { headers, subgraph } of system.calls) {
      const sent = JSON.stringify(headers)
      expect(sent).not.toMatch(/admin|203\.0\.113\.7|"mine"/)
      if (subgraph !== 'auth') expect(headers).not.toHaveProperty('cookie')
    }
  })
})
