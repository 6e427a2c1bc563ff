import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { accountsTopic } from '../../schema/events.ts'
import { type AuthHarness, type Reply, startAuthHarness } from './service.harness.ts'

const password = 'correct horse battery'
const signedIn = 'accessToken accessTokenExpiresAt refreshToken userId session { id current userAgent ip }'
const registerMutation = `mutation ($input: RegisterInput!) { register(input: $input) { ${signedIn} } }`
const loginMutation = `mutation ($input: LoginInput!) { login(input: $input) { ${signedIn} } }`
const refreshMutation = `mutation ($input: RefreshInput) { refresh(input: $input) { ${signedIn} } }`
const changeMutation = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { ${signedIn} } }`
const revokeMutation = 'mutation ($id: ID!) { revokeSession(id: $id) }'
const sessionsQuery = '{ sessions { id current } }'

let auth: AuthHarness
beforeEach(async () => {
  auth = await startAuthHarness()
})
afterEach(() => auth.stop())

const register = async (username: string, more: Record<string, unknown> = {}) =>
  auth.send(registerMutation, { variables: { input: { username, password, displayName: 'Somebody', ...more } } })
const login = async (username: string, tried: string, headers: Record<string, string> = {}) =>
  auth.send(loginMutation, { variables: { input: { username, password: tried } }, headers })
const refresh = async (refreshToken: string) => auth.send(refreshMutation, { variables: { input: { refreshToken } } })
const bearer = (reply: Reply, mutation: string) => ({ authorization: `Bearer ${reply.data?.[mutation].accessToken}` })
const sessions = (headers: Record<string, string>) => auth.send(sessionsQuery, { headers })

describe('auth', () => {
  it('registers an account, signs it in, and tells the other subgraphs', async () => {
    const reply = await register('Ada.Lovelace', { displayName: '  Ada  ' })
    const { register: opened } = reply.data ?? {}
    expect(opened.session).toMatchObject({ current: true, ip: '192.0.2.1', userAgent: 'tests' })
    const event = await auth.nextAccountEvent()
    expect(event).toMatchObject({ topic: accountsTopic, key: opened.userId })
    expect(JSON.parse(event.value)).toEqual({
      type: 'account-registered',
      userId: opened.userId,
      username: 'ada.lovelace',
      displayName: 'Ada',
      at: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect((await sessions(bearer(reply, 'register'))).data?.sessions).toEqual([
      { id: opened.session.id, current: true },
    ])
  })

  it('refuses a username that is taken, in any case', async () => {
    await register('grace')
    expect((await register('GRACE')).error).toEqual({ code: 'CONFLICT', field: 'username' })
  })

  it.each([
    ['username', { username: 'é-accent' }],
    ['username', { username: 'аdmin' }],
    ['username', { username: 'ab' }],
    ['username', { username: '\u212Aelvin' }],
    ['displayName', { displayName: 'bell\u0007' }],
    ['displayName', { displayName: '   ' }],
    ['password', { password: 'short' }],
    ['password', { password: 'Password1' }],
    ['password', { password: 'ü'.repeat(37) }],
  ])('names the field %s when it refuses %j', async (field, input) => {
    expect((await register('somebody', input)).error).toEqual({ code: 'BAD_USER_INPUT', field })
  })

  it('answers alike for an unknown user and for a wrong, an empty, or an impossible password', async () => {
    const longest = 'x'.repeat(72)
    await register('linus', { password: longest })
    const replies = await Promise.all([
      login('nobody', password),
      login('linus', password),
      login('linus', ''),
      login('linus', `${longest}y`),
    ])
    const [first] = replies
    expect(first?.error).toEqual({ code: 'UNAUTHENTICATED' })
    for (const reply of replies) expect(reply.text).toBe(first?.text)
    expect((await login('LINUS', longest)).data?.login.userId).toEqual(expect.any(String))
  })

  it('slows down an account after ten failures, and says when to come back', async () => {
    await register('margaret')
    for (let failure = 1; failure <= 10; failure += 1)
      expect((await login('margaret', 'wrong')).error).toEqual({ code: 'UNAUTHENTICATED' })
    expect((await login('margaret', password)).error).toEqual({
      code: 'TOO_MANY_REQUESTS',
      retryAfter: expect.any(Number),
      limit: 'failures_per_account',
      allowed: 10,
    })
    expect((await login('nobody', password)).error).toEqual({ code: 'UNAUTHENTICATED' })
  })

  it('forgets the failures of an account once its password was right', async () => {
    await register('dorothy')
    for (let round = 0; round < 3; round += 1) {
      for (let failure = 1; failure <= 8; failure += 1) await login('dorothy', 'wrong')
      expect((await login('dorothy', password)).error).toBeUndefined()
    }
  })

  it('limits the logins from one IPv6 network', async () => {
    await auth.stop()
    auth = await startAuthHarness({
      limits: {
        loginsPerAddress: 2,
        registrationsPerAddress: 2,
        failuresPerAccount: 10,
        passwordChangesPerAccount: 1_000,
      },
    })
    const from = (ip: string) => login(`user-${ip.length}`, 'wrong', { 'x-client-ip': ip })
    expect((await from('2001:db8:1:2::1')).error?.code).toBe('UNAUTHENTICATED')
    expect((await from('2001:db8:1:2:ffff::9')).error?.code).toBe('UNAUTHENTICATED')
    expect((await from('2001:db8:1:2:3::')).error?.code).toBe('TOO_MANY_REQUESTS')
    expect((await from('2001:db8:1:3::1')).error?.code).toBe('UNAUTHENTICATED')
  })

  it('gives one successor to fifty uses of a refresh token at once', async () => {
    const { refreshToken } = (await register('barbara')).data?.register ?? {}
    const replies = await Promise.all(Array.from({ length: 50 }, () => refresh(refreshToken)))
    const successors = new Set(replies.map((reply) => reply.data?.refresh.refreshToken))
    expect(successors.size).toBe(1)
    expect(successors.has(refreshToken)).toBe(false)
  })

  it('gives the living token to an ancestor within the grace, and ends the session when one comes later', async () => {
    await auth.stop()
    auth = await startAuthHarness({ refreshGrace: 1 })
    const { refreshToken, session } = (await register('donald')).data?.register ?? {}
    const second = await refresh(refreshToken)
    const third = await refresh(second.data?.refresh.refreshToken)
    expect((await refresh(refreshToken)).data?.refresh.refreshToken).toBe(third.data?.refresh.refreshToken)
    const refusal = async () => (await refresh(refreshToken)).error
    let error = await refusal()
    while (!error) error = await refusal()
    expect(error).toEqual({ code: 'UNAUTHENTICATED' })
    expect((await refresh(refreshToken)).error).toEqual({ code: 'UNAUTHENTICATED' })
    expect((await refresh(third.data?.refresh.refreshToken)).error).toEqual({ code: 'UNAUTHENTICATED' })
    expect((await sessions(bearer(third, 'refresh'))).error).toEqual({ code: 'UNAUTHENTICATED' })
    expect(await auth.revoked([session.id])).toEqual(new Set([session.id]))
  })

  it('leaves sessions alone when somebody tries garbage', async () => {
    const reply = await register('edsger')
    for (const garbage of ['', 'x', '§'.repeat(43), 'A'.repeat(43)])
      expect((await refresh(garbage)).error).toEqual({ code: 'UNAUTHENTICATED' })
    expect((await sessions(bearer(reply, 'register'))).data?.sessions).toHaveLength(1)
  })

  it('refreshes by the cookie, and clears it when it is no good', async () => {
    const { cookie } = await register('tim')
    expect(cookie).toMatch(/^parley_refresh=[\w-]{43}; Max-Age=2592000; Path=\/graphql; HttpOnly; SameSite=Strict$/)
    const renewed = await auth.send(refreshMutation, { headers: { cookie: String(cookie?.split(';')[0]) } })
    expect(renewed.cookie).toContain(`parley_refresh=${renewed.data?.refresh.refreshToken};`)
    const refused = await auth.send(refreshMutation, { headers: { cookie: `parley_refresh=${'A'.repeat(43)}` } })
    expect(refused.error).toEqual({ code: 'UNAUTHENTICATED' })
    expect(refused.cookie).toMatch(/^parley_refresh=; Max-Age=0; Path=\/graphql;/)
    expect((await auth.send(refreshMutation)).error).toEqual({ code: 'UNAUTHENTICATED' })
  })

  it('logs out one session, or all of them', async () => {
    await register('ken')
    const [first, second, third] = [
      await login('ken', password),
      await login('ken', password),
      await login('ken', password),
    ]
    const out = await auth.send('mutation { logout }', { headers: bearer(first, 'login') })
    expect(out).toMatchObject({ data: { logout: true }, cookie: expect.stringMatching(/^parley_refresh=; Max-Age=0/) })
    expect((await sessions(bearer(first, 'login'))).error).toEqual({ code: 'UNAUTHENTICATED' })
    expect((await refresh(first.data?.login.refreshToken)).error).toEqual({ code: 'UNAUTHENTICATED' })
    expect((await sessions(bearer(second, 'login'))).data?.sessions).toHaveLength(3)
    await auth.send('mutation { logout(everywhere: true) }', { headers: bearer(second, 'login') })
    expect((await sessions(bearer(third, 'login'))).error).toEqual({ code: 'UNAUTHENTICATED' })
  })

  it('ends the session that was used longest ago when an account has more than a hundred', async () => {
    const oldest = await register('many')
    const second = await login('many', password)
    // Used later than the second one.
    const renewed = await refresh(oldest.data?.register.refreshToken)
    for (let opened = 0; opened < 98; opened += 1) await login('many', password)
    expect((await sessions(bearer(second, 'login'))).data?.sessions).toHaveLength(100)
    const last = await login('many', password)
    expect((await sessions(bearer(second, 'login'))).error).toEqual({ code: 'UNAUTHENTICATED' })
    expect((await refresh(second.data?.login.refreshToken)).error).toEqual({ code: 'UNAUTHENTICATED' })
    expect((await sessions(bearer(last, 'login'))).data?.sessions).toHaveLength(100)
    expect((await sessions(bearer(renewed, 'refresh'))).error).toBeUndefined()
    await auth.send('mutation { logout(everywhere: true) }', { headers: bearer(last, 'login') })
    expect((await sessions(bearer(renewed, 'refresh'))).error).toEqual({ code: 'UNAUTHENTICATED' })
  })

  it("answers alike for another user's session and for none", async () => {
    const [mine, theirs] = [await register('dennis'), await register('brian')]
    const revoke = (id: string) => auth.send(revokeMutation, { variables: { id }, headers: bearer(mine, 'register') })
    const foreign = await revoke(theirs.data?.register.session.id)
    const unknown = await revoke('01890a5d-ac96-774b-bcce-b302099a8057')
    expect(foreign.error).toEqual({ code: 'NOT_FOUND' })
    expect(foreign.text).toBe(unknown.text)
    expect((await revoke('1 or 1=1')).error).toEqual({ code: 'BAD_USER_INPUT', field: 'id' })
    expect((await sessions(bearer(theirs, 'register'))).data?.sessions).toHaveLength(1)
  })

  it("ends one of the viewer's sessions", async () => {
    const mine = await register('radia')
    const other = await login('radia', password)
    const variables = { id: other.data?.login.session.id.toUpperCase() }
    const reply = await auth.send(revokeMutation, { variables, headers: bearer(mine, 'register') })
    expect(reply.data).toEqual({ revokeSession: true })
    expect(reply.cookie).toBeUndefined()
    expect((await sessions(bearer(other, 'login'))).error).toEqual({ code: 'UNAUTHENTICATED' })
  })

  it.each([
    ['signs out', () => 'mutation { logout }'],
    ['signs out everywhere', () => 'mutation { logout(everywhere: true) }'],
    ['revokes it', (id: string) => `mutation { revokeSession(id: "${id}") }`],
  ])(
    'ends a session that the store lost in a restore when its user %s, also after a restart',
    async (way, mutation) => {
      const lost = await register(`lost.${way.length}`)
      await auth.loseSessions()
      const headers = bearer(lost, 'register')
      expect((await sessions(headers)).error).toBeUndefined()
      expect((await auth.send(mutation(lost.data?.register.session.id), { headers })).error).toBeUndefined()
      expect((await sessions(headers)).error).toEqual({ code: 'UNAUTHENTICATED' })
      await auth.restart()
      expect((await sessions(headers)).error).toEqual({ code: 'UNAUTHENTICATED' })
    },
  )

  it('changes the password, which leaves only the session that did it', async () => {
    const mine = await register('leslie')
    const other = await login('leslie', password)
    const change = (currentPassword: string, newPassword: string) =>
      auth.send(changeMutation, {
        variables: { input: { currentPassword, newPassword } },
        headers: bearer(mine, 'register'),
      })
    expect((await change('wrong', 'a much better one')).error).toEqual({
      code: 'BAD_USER_INPUT',
      field: 'currentPassword',
    })
    expect((await change(password, 'password1')).error).toEqual({ code: 'BAD_USER_INPUT', field: 'newPassword' })
    const changed = await change(password, 'a much better one')
    expect(changed.data?.changePassword.session.id).toBe(mine.data?.register.session.id)
    expect((await sessions(bearer(other, 'login'))).error).toEqual({ code: 'UNAUTHENTICATED' })
    expect((await refresh(mine.data?.register.refreshToken)).error).toEqual({ code: 'UNAUTHENTICATED' })
    expect((await refresh(changed.data?.changePassword.refreshToken)).data?.refresh.userId).toBe(
      mine.data?.register.userId,
    )
    expect((await login('leslie', password)).error).toEqual({ code: 'UNAUTHENTICATED' })
    expect((await login('leslie', 'a much better one')).error).toBeUndefined()
  })

  it('serves anonymous viewers nothing that needs a session', async () => {
    for (const operation of [sessionsQuery, 'mutation { logout }', 'mutation { revokeSession(id: "x") }'])
      expect((await auth.send(operation)).error?.code).not.toBeUndefined()
    expect((await sessions({})).error).toEqual({ code: 'UNAUTHENTICATED' })
  })

  it('publishes the keys of its tokens, and refuses who has no passport', async () => {
    const { accessToken } = (await register('vint')).data?.register ?? {}
    const { kid } = JSON.parse(Buffer.from(accessToken.split('.')[0], 'base64url').toString())
    const reply = await fetch(`${auth.url}/.well-known/jwks.json`)
    expect(reply.headers.get('cache-control')).toContain('max-age=300')
    const { keys } = (await reply.json()) as { keys: Record<string, unknown>[] }
    expect(keys).toEqual([
      { kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String), kid, use: 'sig', alg: 'ES256' },
    ])
    const refused = await fetch(`${auth.url}/graphql`, { method: 'POST', body: '{"query":"{ __typename }"}' })
    expect(refused.status).toBe(401)
  })

  it('signs nobody out when the secret is changed', async () => {
    const kept = await register('evelyn')
    await auth.restart({ secret: 'another secret of at least thirty-two characters' })
    expect((await sessions(bearer(kept, 'register'))).data?.sessions).toHaveLength(1)
    const renewed = await refresh(kept.data?.register.refreshToken)
    expect((await sessions(bearer(renewed, 'refresh'))).data?.sessions).toHaveLength(1)
    expect((await refresh(renewed.data?.refresh.refreshToken)).error).toBeUndefined()
  })

  it('keeps sessions, keys and revocations over a restart that loses the blacklist', async () => {
    const [kept, ended] = [await register('frances'), await register('jean')]
    await auth.send('mutation { logout }', { headers: bearer(ended, 'register') })
    await auth.restart()
    expect((await sessions(bearer(kept, 'register'))).data?.sessions).toHaveLength(1)
    expect((await sessions(bearer(ended, 'register'))).error).toEqual({ code: 'UNAUTHENTICATED' })
  })
})
