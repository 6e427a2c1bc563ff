import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { tryLogin, tryRefresh } from '../attacks/sign-in.ts'
import { upgrade } from '../attacks/socket-client.ts'
import { ask, type Person, signUp } from '../clients.ts'
import { onEachEngine, type System } from '../engines.ts'

const logins = 3
/** What a proxy that ends TLS says of a client at this address. */
const by = (address: string, more: Record<string, string> = {}) => ({
  'x-forwarded-for': address,
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'chat.example.org',
  ...more,
})
const cookieOf = ({ headers }: { headers: Headers }) => String(headers.getSetCookie()[0])

onEachEngine('behind a proxy that ends TLS', (start) => {
  let system: System
  let ann: Person
  beforeAll(async () => {
    system = await start({ trustedProxies: ['loopback'], loginsPerAddress: logins })
    ann = await signUp(system.url, 'Ann')
  }, 120_000)
  afterAll(() => system?.stop())

  it('the refresh cookie is for HTTPS only, also when it is renewed and when it is cleared', async () => {
    const signedIn = await tryLogin(system.url, ann.username, ann.password, by('203.0.113.1'))
    expect(cookieOf(signedIn)).toMatch(/^parley_refresh=[\w-]{43};.*; HttpOnly; Secure; SameSite=Strict$/)
    const cookie = cookieOf(signedIn).split(';')[0] as string
    expect(cookieOf(await tryRefresh(system.url, undefined, by('203.0.113.1', { cookie })))).toMatch(/; Secure;/)
    const authorization = `Bearer ${signedIn.data?.login.accessToken}`
    const out = await ask(system.url, 'mutation { logout }', {}, by('203.0.113.1', { authorization, cookie }))
    expect(cookieOf(out)).toMatch(/^parley_refresh=; Max-Age=0;.*; Secure;/)
  })

  it('the refresh cookie of a client that came by plain HTTP works there', async () => {
    for (const headers of [by('203.0.113.2', { 'x-forwarded-proto': 'http' }), { 'x-forwarded-for': '203.0.113.2' }]) {
      const reply = await tryLogin(system.url, ann.username, ann.password, headers)
      expect(cookieOf(reply)).toMatch(/^parley_refresh=/)
      expect(cookieOf(reply)).not.toMatch(/Secure/)
    }
  })

  it('each client has an address and limits of its own, and cannot make up another', async () => {
    const login = (address: string) => tryLogin(system.url, ann.username, ann.password, by(address))
    for (let count = 0; count < logins; count += 1) expect((await login('203.0.113.3')).errors).toBeUndefined()
    for (const made of ['203.0.113.3', '198.51.100.1, 203.0.113.3', '127.0.0.1, 203.0.113.3', 'x, 203.0.113.3'])
      expect((await login(made)).errors?.[0]?.extensions.code).toBe('TOO_MANY_REQUESTS')
    const other = await login('203.0.113.4')
    expect(other.errors).toBeUndefined()
    const { sessions } = await ann.do<{ sessions: { ip: string }[] }>('{ sessions { ip } }')
    expect(new Set(sessions.map(({ ip }) => ip))).toEqual(
      new Set(['127.0.0.1', '203.0.113.2', '203.0.113.3', '203.0.113.4']),
    )
  })

  it('a page of the name that the client asked for may open a socket, and no other', async () => {
    const open = (origin: string, headers: Record<string, string>) => upgrade(system.url, { origin, ...headers })
    expect(await open('https://chat.example.org', by('203.0.113.5'))).toBe(101)
    expect(
      await open('https://chat.example.org', by('203.0.113.5', { 'x-forwarded-host': 'chat.example.org:443' })),
    ).toBe(101)
    expect(await open('https://evil.example', by('203.0.113.5'))).toBe(403)
    expect(
      await open('https://evil.example', by('203.0.113.5', { 'x-forwarded-host': 'evil.example, chat.example.org' })),
    ).toBe(403)
    expect(await open('https://chat.example.org', {})).toBe(403)
  })
})

onEachEngine('without a proxy that is trusted', (start) => {
  let system: System
  beforeAll(async () => {
    system = await start({ loginsPerAddress: logins })
  }, 120_000)
  afterAll(() => system?.stop())

  it('what a client says of a proxy changes nothing', async () => {
    const ann = await signUp(system.url, 'Ann')
    const codes: (string | undefined)[] = []
    for (let count = 0; count <= logins; count += 1) {
      const reply = await tryLogin(system.url, ann.username, ann.password, by(`203.0.113.${count}`))
      codes.push(reply.errors?.[0]?.extensions.code)
      expect(cookieOf(reply)).not.toMatch(/Secure/)
    }
    expect(codes).toEqual([...Array(logins).fill(undefined), 'TOO_MANY_REQUESTS'])
    expect(await upgrade(system.url, { origin: 'https://chat.example.org', ...by('203.0.113.9') })).toBe(403)
  })
})
