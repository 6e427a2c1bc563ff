import { describe, expect, it } from '@jest/globals'
import { secureContextsAreNotNeeded } from './architecture/browser-rules.ts'
import {
  environmentIsReadInMain,
  filesAreShort,
  filesSayWhatTheyHold,
  foldersAreSmall,
  mostFilesAreVeryShort,
} from './architecture/file-rules.ts'
import {
  adaptersAreChosenInService,
  clientIsPlain,
  domainIsPlain,
  driversStayInAdapters,
  generatedStaysWithResolvers,
  importsHaveNoCycles,
  partsMeetInSchema,
  platformKnowsNoService,
  type Rule,
} from './architecture/import-rules.ts'
import { readSource, readSourceFiles, type SourceFile } from './architecture/source-file.ts'

const files = readSourceFiles()
const imports = (...specifiers: string[]) =>
  specifiers.map((specifier) => `import { x } from '${specifier}'\n`).join('')
const lines = (count: number) => 'x()\n'.repeat(count)

interface House {
  rule: Rule
  title: string
  /** Made-up files that keep the rule, by path. */
  kept: Record<string, string>
  /** Made-up files that break it, each by itself or in a circle with the others. */
  broken: Record<string, string>
  /** How many breaches there are; by default one in each file. */
  breaches?: number
}

const house: House[] = [
  {
    rule: platformKnowsNoService,
    title: 'platform knows no service',
    kept: { 'platform/http/a.ts': imports('../errors/b.ts', 'fastify', 'node:http') },
    broken: {
      'platform/http/a.ts': imports('../../subgraphs/chat/domain/rooms.ts'),
      'platform/http/b.ts': `type Config = import('../../gateway/config.ts').Config`,
      'platform/http/c.ts': imports('../../schema/events.ts'),
    },
  },
  {
    rule: partsMeetInSchema,
    title: 'no subgraph imports another, the gateway imports none, and nothing needs dev, tests or bench',
    kept: {
      'subgraphs/chat/a.ts': imports('../../platform/a.ts', '../../schema/events.ts', './b.ts'),
      'subgraphs/chat/feeds/room-feed.test.ts': imports('../testing/temporary-store.ts'),
      'dev/network.ts': imports('../subgraphs/chat/service.ts', '../gateway/service.ts'),
      'web/src/a.tsx': imports('../../client/follower.ts'),
      'client/follower.ts': imports('./backoff.ts', '../schema/close-codes.ts', '../platform/errors/app-error.ts'),
    },
    broken: {
      'subgraphs/chat/a.ts': imports('../auth/domain/accounts.ts'),
      'subgraphs/chat/b.ts': imports('../../gateway/close-codes.ts'),
      'subgraphs/chat/c.ts': imports('./testing/temporary-store.ts'),
      'subgraphs/chat/d.ts': imports('./store/chat-store.contract.ts'),
      'gateway/a.ts': `const chat = await import('../subgraphs/chat/service.ts')`,
      'gateway/b.ts': imports('../dev/network.ts'),
      'platform/a.ts': imports('../tests/clients.ts'),
      'web/src/a.tsx': imports('../../platform/errors/app-error.ts'),
      'web/src/b.tsx': imports('../../schema/close-codes.ts'),
      'client/a.ts': imports('../schema/events.ts'),
      'client/b.ts': imports('../platform/text/clip.ts'),
      'client/c.ts': imports('../web/src/api/post.ts'),
      'gateway/c.ts': imports('../client/backoff.ts'),
      'schema/events.ts': imports('../bench/report.ts'),
    },
  },
  {
    rule: clientIsPlain,
    title: 'the client runs wherever graphql-ws does',
    kept: {
      'client/a.ts': imports('graphql-ws/client', './b.ts', '../schema/close-codes.ts'),
      'client/a.test.ts': imports('ws', 'node:events'),
      'schema/close-codes.ts': 'export const x = 1',
    },
    broken: {
      'client/a.ts': imports('graphql'),
      'client/b.ts': imports('node:events'),
      'client/c.ts': imports('ws'),
      'schema/close-codes.ts': imports('./events.ts'),
      'platform/errors/app-error.ts': imports('node:util'),
    },
  },
  {
    rule: domainIsPlain,
    title: 'domain imports no GraphQL, driver, config or process',
    kept: {
      'subgraphs/chat/domain/a.ts': imports('../store/chat-store.ts', '../../../platform/identity/viewer.ts'),
      'subgraphs/chat/domain/a.test.ts': imports('../store/chat-store.sqlite.ts'),
    },
    broken: {
      'subgraphs/chat/domain/a.ts': imports('graphql'),
      'subgraphs/chat/domain/b.ts': `import type { Chat } from '@apollo/server'`,
      'subgraphs/chat/domain/c.ts': imports('mongodb'),
      'subgraphs/chat/domain/d.ts': imports('../config.ts'),
      'subgraphs/chat/domain/e.ts': imports('node:process'),
      'subgraphs/chat/domain/f.ts': 'process.exit(1)',
      'subgraphs/chat/domain/g.ts': imports('../resolvers/rooms.ts'),
      'subgraphs/chat/domain/h.ts': imports('../generated/resolvers.ts'),
      'subgraphs/chat/domain/i.ts': imports('../../../platform/config/env.ts'),
    },
  },
  {
    rule: driversStayInAdapters,
    title: 'a driver appears only in its adapters',
    kept: {
      'platform/events/event-log.kafka.ts': imports('kafkajs'),
      'platform/limits/rate-limit.redis.ts': imports('rate-limiter-flexible', 'ioredis'),
      'subgraphs/auth/store/tables.mysql.ts': imports('drizzle-orm/mysql-core', 'drizzle-orm', 'mysql2/promise'),
      'subgraphs/auth/store/auth-store.sqlite.test.ts': imports('node:sqlite'),
    },
    broken: {
      'subgraphs/chat/feeds/room-feed.ts': imports('ioredis'),
      'subgraphs/chat/store/chat-store.ts': imports('mongodb'),
      'subgraphs/auth/store/auth-store.sqlite.ts': imports('mysql2/promise'),
      'subgraphs/auth/store/queries.ts': imports('drizzle-orm'),
      'subgraphs/auth/store/tables.mysql.ts': imports('drizzle-orm/sqlite-core'),
      'platform/events/kafka.ts': imports('kafkajs'),
      'dev/stack.ts': imports('node:sqlite'),
      'gateway/limits/rate.ts': imports('rate-limiter-flexible'),
    },
  },
  {
    rule: adaptersAreChosenInService,
    title: 'only service.ts, dev, bench, tests and contract suites import adapters',
    kept: {
      'subgraphs/chat/service.ts': imports('./store/chat-store.mongodb.ts'),
      'subgraphs/chat/domain/a.test.ts': imports('../store/chat-store.sqlite.ts'),
      'platform/events/event-log.contract.ts': imports('./event-log.memory.ts'),
      'platform/events/broadcast.redis.ts': imports('../storage/connection.redis.ts'),
      'dev/network.ts': imports('../platform/events/broadcast.memory.ts'),
    },
    broken: {
      'subgraphs/chat/domain/a.ts': imports('../store/chat-store.sqlite.ts'),
      'subgraphs/chat/main.ts': imports('../../platform/events/broadcast.redis.ts'),
      'platform/events/event-log.ts': imports('./event-log.kafka.ts'),
    },
  },
  {
    rule: environmentIsReadInMain,
    title: 'process.env is read in main.ts and nowhere else',
    kept: {
      'subgraphs/chat/main.ts': 'readConfig(process.env)',
      'codegen.ts': 'process.env.CI',
      'dev/network.ts': 'process.env',
      'gateway/telemetry.ts': "process.env.APOLLO_TELEMETRY_DISABLED = '1'",
      'gateway/a.ts': '// never process.env\n/* nor process.env */',
    },
    broken: {
      'subgraphs/chat/config.ts': 'process.env.PORT',
      'subgraphs/chat/a.ts': "process['env'].PORT",
      'subgraphs/chat/b.ts': 'const { PORT } = process.env',
      'platform/a.ts': "import { env } from 'node:process'",
      'gateway/a.ts': "process.env.A === '1'",
      'gateway/b.ts': "const files = 'web/*.ts' /* all of them */\nprocess.env.PORT // '*/'",
    },
  },
  {
    rule: generatedStaysWithResolvers,
    title: 'generated types are imported by resolvers and the web client only',
    kept: {
      'subgraphs/chat/resolvers/a.ts': imports('../generated/resolvers.ts'),
      'web/src/a.tsx': imports('./generated/graphql.ts'),
    },
    broken: {
      'subgraphs/chat/domain/a.ts': imports('../generated/resolvers.ts'),
      'subgraphs/chat/context.ts': imports('./generated/resolvers.ts'),
      'gateway/a.ts': imports('../web/src/generated/graphql.ts'),
    },
  },
  {
    rule: filesSayWhatTheyHold,
    title: 'no index files, no barrels, no utils, helpers, common or shared',
    kept: {
      'platform/events/event-log.ts': "export { a } from './b.ts'\nexport const x = 1",
      'web/src/generated/index.ts': "export * from './gql.ts'",
      'subgraphs/auth/domain/common-passwords.ts': 'export const x = 1',
    },
    broken: {
      'platform/events/index.ts': 'export const x = 1',
      'platform/events/all.ts':
        "export * from './a.ts'\nexport type { B } from './b.ts'\nexport { c, d } from './c.ts'\n",
      'platform/utils/text.ts': 'export const x = 1',
      'gateway/helpers.ts': 'export const x = 1',
      'web/src/shared/button.tsx': 'export const x = <b />',
    },
  },
  {
    rule: secureContextsAreNotNeeded,
    title: 'what only secure contexts have is used in one file of the web client, with a fallback',
    kept: {
      'web/src/secure-context.ts': 'navigator.locks?.request(name, work)',
      'web/src/a.ts': 'crypto.getRandomValues(bytes)\nnavigator.onLine\n// never crypto.randomUUID',
      'web/src/b.tsx': 'const caches = new Map()\nnotify(new Problem())',
      'client/a.test.ts': 'crypto.randomUUID()',
      'gateway/a.ts': 'crypto.randomUUID()',
    },
    broken: {
      'web/src/a.ts': 'const newId = () => crypto.randomUUID()',
      'web/src/b.tsx': 'await navigator.clipboard.writeText(text)',
      'web/src/c.ts': 'navigator?.locks.request(name, work)',
      'web/src/d.ts': 'const { randomUUID } = crypto',
      'client/a.ts': "await crypto.subtle.digest('SHA-256', bytes)",
      'client/b.ts': "await caches.open('x')",
      'client/c.ts': "new Notification('x')",
    },
  },
  {
    rule: importsHaveNoCycles,
    title: 'imports have no cycles',
    kept: { 'platform/a.ts': imports('./b.ts', './c.ts'), 'platform/b.ts': imports('./c.ts'), 'platform/c.ts': '' },
    broken: {
      'platform/a.ts': imports('./b.ts'),
      'platform/b.ts': "import type { C } from './c.ts'",
      'platform/c.ts': "export * from './a.ts'",
      'platform/d.ts': imports('./a.ts'),
    },
    breaches: 1,
  },
  {
    rule: filesAreShort,
    title: 'no source file has over 300 lines',
    kept: { 'platform/a.ts': lines(300), 'platform/a.test.ts': lines(301), 'platform/a.contract.ts': lines(301) },
    broken: { 'platform/a.ts': lines(301) },
  },
  {
    rule: mostFilesAreVeryShort,
    title: 'half of the source files have under 60 lines',
    kept: { 'platform/a.ts': lines(59), 'platform/b.ts': lines(20), 'platform/c.ts': lines(200) },
    broken: { 'platform/a.ts': lines(60), 'platform/b.ts': lines(20), 'platform/c.ts': lines(200) },
    breaches: 1,
  },
  {
    rule: foldersAreSmall,
    title: 'no folder holds over a dozen source files',
    kept: Object.fromEntries(Array.from({ length: 24 }, (_, at) => [`platform/${at}${at % 2 ? '.test' : ''}.ts`, ''])),
    broken: Object.fromEntries(Array.from({ length: 13 }, (_, at) => [`platform/${at}.ts`, ''])),
    breaches: 1,
  },
]

const madeUp = (given: Record<string, string>): SourceFile[] =>
  Object.entries(given).map(([path, text]) => readSource(path, text))

describe('the rules of the house', () => {
  it('are held against every part of the repository', () => {
    const paths = files.map(({ path }) => path)
    for (const known of ['codegen.ts', 'platform/events/event-log.ts', 'subgraphs/profile/service.ts']) {
      expect(paths).toContain(known)
    }
  })

  for (const { rule, title, kept, broken, breaches } of house) {
    it(title, () => expect(rule(files)).toEqual([]))

    it(`would be told otherwise: ${title}`, () => {
      const found = rule(madeUp(broken))
      if (breaches !== undefined) return expect(found).toHaveLength(breaches)
      expect(found.map((breach) => breach.split(' ')[0]).sort()).toEqual(Object.keys(broken).sort())
    })

    it(`would not be told otherwise without a reason: ${title}`, () => expect(rule(madeUp(kept))).toEqual([]))
  }
})
