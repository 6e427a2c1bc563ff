import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:net'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { newSecrets } from '../../dev/processes/secrets.ts'
import { runStatements } from '../servers/databases.mysql.ts'
import { hasServers, makePlace, type ServerPlace } from '../servers/place.ts'

const mains = {
  gateway: 'gateway/main.ts',
  auth: 'subgraphs/auth/main.ts',
  profile: 'subgraphs/profile/main.ts',
  chat: 'subgraphs/chat/main.ts',
  'fan-out': 'subgraphs/chat/fan-out/main.ts',
}
type Name = keyof typeof mains

const suite = hasServers() ? describe : describe.skip

suite('a process that cannot start says why in a line, on real servers', () => {
  let place: ServerPlace
  let occupied: Server
  let port: number
  beforeAll(async () => {
    place = await makePlace()
    occupied = createServer(() => {})
    await new Promise<void>((resolve) => occupied.listen(0, '127.0.0.1', resolve))
    port = (occupied.address() as { port: number }).port
  }, 60_000)
  afterAll(async () => {
    occupied.close()
    await place.remove()
  }, 60_000)

  const run = (name: Name, environment: Record<string, string>, args: string[] = []) =>
    promisify(execFile)(process.execPath, [mains[name], ...args], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: { PATH: process.env.PATH, PORT: '0', ...newSecrets(), ...place.variables, ...environment },
      timeout: 60_000,
    })
  const refusal = async (name: Name, environment: Record<string, string>) => {
    const failure = await run(name, environment).then(
      () => {
        throw new Error('It ended well')
      },
      (error: { code: number | null; stderr: string }) => error,
    )
    expect(failure.stderr).not.toMatch(/^ {4}at /m)
    expect(failure.stderr).not.toContain('hunter2')
    expect(failure.code).toBe(1)
    return failure.stderr
  }
  const withLogin = (variable: string) =>
    String(place.variables[variable]).replace(/:\/\/([^@/]*@)?/, '://nobody:hunter2@')

  it.each<[string, Name, string, RegExp]>([
    ['a wrong password of MySQL, for auth', 'auth', 'MYSQL_URL', /access denied for the user "nobody"/],
    ['a wrong password of MySQL, for profile', 'profile', 'MYSQL_URL', /access denied for the user "nobody"/],
    ['a wrong password of Redis', 'gateway', 'REDIS_URL', /Redis \(REDIS_URL\) refuses the login: WRONGPASS/],
    ['a login that Kafka does not take', 'fan-out', 'KAFKA_URL', /Kafka \(KAFKA_URL\) refuses the login/],
  ])(
    'at once: %s',
    async (_, name, variable, message) => {
      expect(await refusal(name, { [variable]: withLogin(variable) })).toMatch(message)
    },
    70_000,
  )

  it.each<[Name, string, string, RegExp]>([
    ['auth', 'MYSQL_URL', 'REDIS_URL', /^MYSQL_URL leads to \S+, which is a Redis server and not a MySQL server/m],
    ['profile', 'MYSQL_URL', 'KAFKA_URL', /^MYSQL_URL leads to \S+, which is a Kafka server/m],
    ['chat', 'MONGODB_URL', 'MYSQL_URL', /^MONGODB_URL leads to \S+, which is a MySQL server/m],
    ['gateway', 'REDIS_URL', 'MONGODB_URL', /^REDIS_URL leads to \S+, which is a MongoDB server/m],
    ['fan-out', 'KAFKA_URL', 'REDIS_URL', /^KAFKA_URL leads to \S+, which is a Redis server/m],
  ])(
    'at once: %s, whose %s has the address of %s',
    async (name, variable, other, message) => {
      const [own, wrong] = [place.variables[variable], place.variables[other]].map((url) => new URL(String(url)))
      const url = String(own).replace(own?.host ?? '', wrong?.host ?? '')
      expect(await refusal(name, { [variable]: url })).toMatch(message)
    },
    70_000,
  )

  it('a database that nobody made, and one that was not migrated, until it is', async () => {
    const nowhere = String(place.variables.MYSQL_URL).replace(/\/[^/]+$/, '/parley_nowhere')
    expect(await refusal('auth', { MYSQL_URL: nowhere })).toContain('has no database "parley_nowhere"')
    for (const name of ['auth', 'profile'] as const)
      expect(await refusal(name, {})).toContain(
        `There are no ${name} tables in the database of MYSQL_URL: run \`npm run migrate\``,
      )
    expect((await run('auth', {}, ['migrate'])).stdout).toContain('at schema version')
  }, 240_000)

  it('tables that a newer release took something away from; those that it only added to serve', async () => {
    await run('profile', {}, ['migrate'])
    const url = String(place.variables.MYSQL_URL)
    // As the next release leaves it, whose migration adds a nullable column.
    await runStatements(
      url,
      'ALTER TABLE user_profiles ADD COLUMN pronouns VARCHAR(20) NULL',
      "INSERT INTO profile_migrations (hash, created_at, version, serves) VALUES ('x', 9000, 9000, 1)",
    )
    expect((await run('profile', {}, ['migrate'])).stdout).toContain('at schema version 9000')
    // It gets as far as listening: the tables are no reason.
    expect(await refusal('profile', { PORT: String(port) })).toContain(`PORT ${port} is in use`)
    await runStatements(url, 'UPDATE profile_migrations SET serves = 8999 WHERE version = 9000')
    const refused = await refusal('profile', {})
    expect(refused).toMatch(/schema version 9000, which serves releases that know version 8999 or later/)
    expect(refused).toMatch(/this release knows version \d+\. Start a newer release/)
    await runStatements(url, 'DELETE FROM profile_migrations WHERE version = 9000')
  }, 240_000)

  it.each<[string, Record<string, string>, RegExp]>([
    ['no supergraph', { SUPERGRAPH: 'README.md' }, /The supergraph cannot be served/],
    ['no file', { SUPERGRAPH: 'nowhere.graphql' }, /SUPERGRAPH .* cannot be read/],
    [
      'a subgraph without an address',
      { SUBGRAPHS: 'auth=http://127.0.0.1:1' },
      /"chat" that the gateway was not told about/,
    ],
    ['proxies that are none', { TRUSTED_PROXIES: 'abc' }, /TRUSTED_PROXIES must be IP addresses, CIDR ranges/],
    ['no folder', { WEB_ROOT: 'nowhere' }, /WEB_ROOT .* is no folder/],
    ['an environment that is none', { NODE_ENV: 'prod' }, /NODE_ENV must be one of development, production, test/],
    ['an address that is none', { HOST: '999.1.1.1' }, /HOST 999\.1\.1\.1 is not an address of this machine/],
    [
      'a misspelt name, in production',
      {
        NODE_ENV: 'production',
        AUTH_URLS: 'http://127.0.0.1:1',
        SUBGRAPHS: 'auth=http://127.0.0.1:1,profile=http://127.0.0.1:1,chat=http://127.0.0.1:1',
        OPERATION_TIMEOT: '500',
      },
      /^The configuration is not valid:\n {2}- OPERATION_TIMEOT is not known: did you mean OPERATION_TIMEOUT\?\n$/,
    ],
  ])(
    'a gateway with %s',
    async (_, environment, message) => {
      expect(await refusal('gateway', environment)).toMatch(message)
    },
    70_000,
  )

  it('a port of metrics that is in use', async () => {
    expect(await refusal('gateway', { METRICS_PORT: String(port) })).toContain(`METRICS_PORT ${port} is in use`)
  }, 70_000)

  it('a URL of MongoDB that the driver does not take', async () => {
    const url = `${place.variables.MONGODB_URL}?replicaSet=`
    expect(await refusal('chat', { MONGODB_URL: url })).toContain('MONGODB_URL')
  }, 70_000)

  /** Starts it, sends the signal as soon as it has said this, and returns how it ended. */
  const interrupted = async (name: Name, said: RegExp, environment: Record<string, string>, args: string[] = []) => {
    const running = run(name, environment, args)
    let heard = ''
    running.child.stderr?.on('data', (chunk) => {
      heard += chunk
      if (said.test(heard)) running.child.kill('SIGTERM')
    })
    return running.then(
      () => ({ code: 0, stderr: '' }),
      ({ code, stderr }: { code: number | null; stderr: string }) => ({ code, stderr }),
    )
  }

  it.each<[string, Name, string[], Record<string, string>]>([
    ['auth, for MySQL', 'auth', [], { MYSQL_URL: 'mysql://ann:hunter2@127.0.0.1:1/parley' }],
    ['a migration, for MySQL', 'profile', ['migrate'], { MYSQL_URL: 'mysql://ann:hunter2@127.0.0.1:1/parley' }],
    ['chat, for MongoDB', 'chat', [], { MONGODB_URL: 'mongodb://127.0.0.1:1/parley' }],
  ])(
    'what it waits for, with the reason, and it obeys SIGTERM meanwhile: %s',
    async (_, name, args, environment) => {
      const waiting = /waiting for (MySQL|MongoDB) at 127\.0\.0\.1:1 \((MYSQL|MONGODB)_URL\): .*ECONNREFUSED/
      const { code, stderr } = await interrupted(name, waiting, environment, args)
      expect(stderr).toMatch(waiting)
      expect(stderr).toMatch(/^SIGTERM came while this was starting: it has given up the start$/m)
      expect(stderr).not.toContain('hunter2')
      expect(code).toBe(143)
    },
    70_000,
  )

  it('a server that accepts connections and is frozen, when its time is over', async () => {
    const stderr = await refusal('auth', { MYSQL_URL: `mysql://ann:hunter2@127.0.0.1:${port}/parley` })
    expect(stderr).toContain(`MySQL at 127.0.0.1:${port} (MYSQL_URL) could not be reached within 30000 ms (ETIMEDOUT)`)
  }, 90_000)

  it('a user of MySQL who may only read', async () => {
    const url = new URL(String(place.variables.MYSQL_URL))
    const database = url.pathname.slice(1)
    await Promise.all((['auth', 'profile'] as const).map((name) => run(name, {}, ['migrate'])))
    const reader = `reader_${database.slice(-8)}`
    const from = url.href
    await runStatements(
      from,
      `CREATE USER '${reader}'@'%' IDENTIFIED BY 'hunter2'`,
      `GRANT SELECT ON ${database}.* TO '${reader}'@'%'`,
      `CREATE USER '${reader}'@'localhost' IDENTIFIED BY 'hunter2'`,
      `GRANT SELECT ON ${database}.* TO '${reader}'@'localhost'`,
    )
    url.username = reader
    url.password = 'hunter2'
    try {
      for (const [name, table] of [['auth', 'accounts'] as const, ['profile', 'user_profiles'] as const]) {
        const stderr = await refusal(name, { MYSQL_URL: url.href })
        expect(stderr).toContain(`The MySQL user "${reader}" (MYSQL_URL) lacks rights: `)
        for (const right of ['INSERT', 'UPDATE', 'DELETE']) expect(stderr).toContain(`${right} on ${database}.${table}`)
        const migrating = await run(name, { MYSQL_URL: url.href }, ['migrate']).catch(({ stderr: said }) => said)
        expect(migrating).toMatch(new RegExp(`^The MySQL user "${reader}" \\(MYSQL_URL\\) lacks a right: \\w+ on `))
        expect(migrating).not.toMatch(/^ {4}at /m)
      }
    } finally {
      await runStatements(from, `DROP USER '${reader}'@'%', '${reader}'@'localhost'`)
    }
  }, 240_000)
})
