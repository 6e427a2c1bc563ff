import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryBroadcast } from '../../platform/events/broadcast.memory.ts'
import { openSqliteEventLog } from '../../platform/events/event-log.sqlite.ts'
import { createMemoryExpiringSet } from '../../platform/expiry/expiring-set.memory.ts'
import { createPassports, passportHeader } from '../../platform/identity/passport.ts'
import { createResources } from '../../platform/lifecycle/resources.ts'
import { createMemoryRateLimit } from '../../platform/limits/rate-limit.memory.ts'
import { createLogger } from '../../platform/logging/logger.ts'
import { accountsTopic } from '../../schema/events.ts'
import { type AuthConfig, authDefaults } from './config.ts'
import { startAuth } from './service.ts'
import { openSqliteAuthStore } from './store/auth-store.sqlite.ts'

export interface Reply {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the operation selects.
  data: Record<string, any> | null | undefined
  /** The first error's extensions. */
  error: { code: string; field?: string; retryAfter?: number } | undefined
  /** The first `set-cookie` header. */
  cookie: string | undefined
  /** The whole body, without the locations of errors: only the first answer to a document has them, because it is kept without. */
  text: string
}

export type AuthHarness = Awaited<ReturnType<typeof startAuthHarness>>

const logger = createLogger('auth', 'silent')
const passports = createPassports(['a key between gateway and subgraph'])

/** The auth subgraph on a free port, with files that last until `stop`, as the gateway sees it. */
export async function startAuthHarness(changes: Partial<AuthConfig> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-auth-'))
  const config: AuthConfig = {
    ...authDefaults,
    host: '127.0.0.1',
    port: 0,
    issuer: 'https://parley.test',
    audience: 'parley',
    secret: 'a secret of at least thirty-two characters',
    bcryptCost: 4,
    secureCookies: false,
    limits: {
      loginsPerAddress: 1_000,
      registrationsPerAddress: 1_000,
      failuresPerAccount: 10,
      passwordChangesPerAccount: 1_000,
    },
    ...changes,
  }
  let running = await start(config, join(folder, 'auth.db'))
  return {
    get url() {
      return running.url
    },
    async send(
      query: string,
      { variables, headers }: { variables?: object; headers?: Record<string, string> } = {},
    ): Promise<Reply> {
      const body = JSON.stringify({ query, variables })
      const reply = await fetch(`${running.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          [passportHeader]: passports.issue('auth', body),
          'x-client-ip': '192.0.2.1',
          'user-agent': 'tests',
          ...headers,
        },
        body,
      })
      const text = (await reply.text()).replace(/"locations":\[[^\]]*\],/g, '')
      const { data, errors } = JSON.parse(text)
      return { data, error: errors?.[0].extensions, cookie: reply.headers.getSetCookie()[0], text }
    },
    /** Those of these sessions that are on the blacklist. */
    revoked: (ids: string[]) => running.blacklist.present(ids),
    /** Removes every session and refresh token from the store, as a restore from an older backup does. */
    loseSessions: () => running.loseSessions(),
    /** The next account event that nobody has taken yet. */
    nextAccountEvent: () => running.nextAccountEvent(),
    /** Starts anew on the same files; what was in memory is gone. */
    async restart(changes: Partial<AuthConfig> = {}) {
      await running.stop()
      running = await start({ ...config, ...changes }, join(folder, 'auth.db'))
    },
    async stop() {
      await running.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function start(config: AuthConfig, file: string) {
  const resources = createResources()
  return resources.closeIfThrows(async () => {
    const store = resources.own(openSqliteAuthStore(file))
    const eventLog = resources.own(openSqliteEventLog({ file, logger }))
    const rateLimit = resources.own(createMemoryRateLimit())
    const broadcast = resources.own(createMemoryBroadcast(logger))
    const blacklist = resources.own(createMemoryExpiringSet())
    const service = await startAuth(config, { store, blacklist, broadcast, rateLimit, eventLog, passports, logger })
    resources.onClose(service.stop)
    const nextAccountEvent = async () => {
      const { promise, resolve } = Promise.withResolvers<{ topic: string; key: string; value: string }>()
      const consumer = await eventLog.consume({
        topic: accountsTopic,
        group: 'tests',
        batch: 1,
        handle: async ([event]) => event && resolve({ topic: accountsTopic, ...event }),
      })
      const event = await promise
      await consumer.close()
      return event
    }
    const loseSessions = () => {
      const soon = new Date(Date.now() + 60_000)
      return store.removeBefore(soon, soon)
    }
    return { url: service.url, blacklist, nextAccountEvent, loseSessions, stop: resources.close }
  })
}
