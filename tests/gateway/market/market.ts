import { createSecretKey } from 'node:crypto'
import { EventEmitter, on } from 'node:events'
import { createRestartable, type Restartable } from '../../../dev/restartable.ts'
import {
  defaultConnectionLimits,
  defaultLimits,
  defaultSocketLimits,
  type GatewayConfig,
} from '../../../gateway/config.ts'
import { type GatewayParts, startGateway } from '../../../gateway/service.ts'
import { defaultSharing } from '../../../gateway/subscriptions/sharing/shared-streams.ts'
import { unavailable } from '../../../platform/errors/app-error.ts'
import { startSubgraph } from '../../../platform/graphql/subgraph-server.ts'
import type { Identify } from '../../../platform/identity/identify.ts'
import { createPassports } from '../../../platform/identity/passport.ts'
import { signedIn, type Viewer } from '../../../platform/identity/viewer.ts'
import { createResources, type Service } from '../../../platform/lifecycle/resources.ts'
import { createMemoryRateLimit } from '../../../platform/limits/rate-limit.memory.ts'
import { createLogger } from '../../../platform/logging/logger.ts'
import { abortable } from '../../../platform/streams/abortable.ts'
import { composeMarket, marketSdl } from './supergraph.ts'
import { createTrading, type Trading, type TradingEvent } from './trading.ts'

/** What the tests see of the subgraphs, and how they steer them. */
export interface Market extends Service {
  stocks: Restartable
  companies: Restartable
  /** Says that a price has changed. */
  change(symbol: string, price: number, more?: object): void
  /** Ends the running streams: well, or with an error. */
  end(error?: Error): void
  /** How many streams of prices run at the subgraph. */
  streams(): number
  /** The logs that `trades` follows. */
  trading: Trading
  /** The calls for entities at `companies` so far: how many entities each asked for. */
  entityCalls: number[]
  /** Companies that cannot be resolved now. */
  broken: Set<string>
  /** Says that sessions were ended. */
  announceRevoked(sessionIds: string[]): void
  /** Has the gateway serve this supergraph. */
  serve(supergraphSdl: string): void
}

/** Anybody who says a name is that user. */
const believe: Identify = async (authorization) =>
  authorization
    ? {
        userId: authorization,
        sessionId: `session of ${authorization}`,
        keyId: 'key',
        expiresAt: Date.now() / 1000 + 3_600,
      }
    : 'anonymous'

/**
 * Two subgraphs that have nothing to do with chat, behind the gateway. `reach` gives the URLs by which the gateway is to reach `stocks`.
 */
export async function startMarket(
  config: Partial<GatewayConfig> = {},
  parts: Partial<GatewayParts> = {},
  reach: (stocks: string) => Promise<string[]> | string[] = (url) => [url],
): Promise<Market> {
  const resources = createResources()
  const logger = createLogger('market', 'silent')
  const passports = createPassports(['a key that is long enough for a passport'])
  const prices = new EventEmitter().setMaxListeners(0)
  const endings = new EventEmitter().setMaxListeners(0)
  const entityCalls: number[] = []
  const broken = new Set<string>()
  const trading = createTrading()
  let revokedListener = (_: string[]) => {}
  let serve = (_: string) => {}
  let running = 0
  const stocks = new Map(
    ['AAA', 'BBB', 'CCC'].map((symbol, index) => [symbol, { symbol, price: 10 + index, company: { id: `c${index}` } }]),
  )
  const rest = { passports, identify: believe, logger, ready: () => [] }

  const changes = (symbol: string) =>
    abortable(async function* (signal) {
      const ending = new AbortController()
      let failure: Error | undefined
      const stop = (error?: Error) => {
        failure = error
        ending.abort()
      }
      endings.on('end', stop)
      const events = on(prices, symbol, { signal: AbortSignal.any([signal, ending.signal]) })
      running += 1
      try {
        for await (const [event] of events) yield { priceChanged: event }
      } catch {
        if (failure) throw failure
      } finally {
        endings.off('end', stop)
        running -= 1
      }
    })
  const stocksSdl = await marketSdl('stocks')
  const stocksServer = await createRestartable((at) =>
    startSubgraph({
      ...rest,
      ...at,
      name: 'stocks',
      sdl: stocksSdl,
      context: ({ viewer }) => ({ viewer }),
      resolvers: {
        Query: {
          stock: (_: unknown, { symbol }: { symbol: string }) => stocks.get(symbol),
          stocks: () => [...stocks.values()],
          assets: () => [...stocks.values(), { symbol: 'DDD', yield: 0.5 }],
        },
        Mutation: {
          setPrice: (_: unknown, { symbol, price }: { symbol: string; price: number }) =>
            Object.assign(stocks.get(symbol) ?? {}, { price }),
        },
        Subscription: {
          priceChanged: {
            subscribe: (_: unknown, { symbol }: { symbol: string }) => {
              if (symbol === 'refused') throw unavailable('No prices today')
              return changes(symbol)
            },
          },
          trades: {
            subscribe: (
              _: unknown,
              { symbol, after }: { symbol: string; after?: string | null },
              { viewer }: { viewer: Viewer },
            ) => trading.follow(viewer, symbol, after ?? undefined),
          },
        },
        Traded: {
          stock: ({ symbol }: TradingEvent) => stocks.get(symbol),
          isOwn: ({ trader }: TradingEvent, _: unknown, { viewer }: { viewer: Viewer }) =>
            signedIn(viewer).userId === trader,
        },
        Asset: { __resolveType: (asset: object) => ('price' in asset ? 'Stock' : 'Bond') },
        News: { __resolveType: (news: object) => ('buyer' in news ? 'Takeover' : 'Rumour') },
        PriceChanged: { stock: ({ symbol }: { symbol: string }) => stocks.get(symbol) },
        Stock: {
          __resolveReference: ({ symbol }: { symbol: string }) => stocks.get(symbol),
          rating: ({ symbol }: { symbol: string }) => `${symbol} at last`,
          rivals: ({ symbol }: { symbol: string }) => [...stocks.values()].filter((stock) => stock.symbol !== symbol),
        },
      },
    }),
  )
  const companiesSdl = await marketSdl('companies')
  const companiesServer = await createRestartable((at) =>
    startSubgraph({
      ...rest,
      ...at,
      name: 'companies',
      sdl: companiesSdl,
      context: (_, http) => {
        const { variables } = (http?.request.body ?? {}) as { variables?: { representations?: unknown[] } }
        if (variables?.representations) entityCalls.push(variables.representations.length)
        return {}
      },
      resolvers: {
        Query: { company: (_: unknown, { id }: { id: string }) => ({ id }) },
        Company: {
          __resolveReference: async ({ id }: { id: string }) => {
            if (broken.has(id)) throw unavailable(`Company ${id} is not known right now`)
            return { id }
          },
          name: ({ id }: { id: string }) => `Company ${id}`,
          country: () => 'Nowhere',
          parent: ({ id }: { id: string }) => (id === 'top' ? null : { id: 'top' }),
        },
        Stock: {
          __resolveReference: ({ symbol }: { symbol: string }) => ({ symbol }),
          rating: ({ symbol }: { symbol: string }) => `${symbol}+`,
        },
      },
    }),
  )
  resources.onClose(stocksServer.stop)
  resources.onClose(companiesServer.stop)
  const rateLimit = resources.own(createMemoryRateLimit())
  const gateway = await startGateway(
    {
      host: '127.0.0.1',
      port: 0,
      supergraphSdl: await composeMarket(),
      subgraphs: { stocks: { urls: await reach(stocksServer.url) }, companies: { urls: [companiesServer.url] } },
      development: true,
      allowedOrigins: [],
      trustedProxies: [],
      operationTimeout: 10_000,
      pointsPerMinute: { ofUser: 10_000_000, ofAddress: 10_000_000 },
      limits: defaultLimits,
      connections: defaultConnectionLimits,
      sockets: defaultSocketLimits,
      sharing: defaultSharing,
      ...config,
    },
    {
      identify: believe,
      passports,
      revoked: async () => new Set(),
      keys: async () => createSecretKey(Buffer.from('any')),
      broadcast: {
        subscribe: async (_, listener) => {
          revokedListener = (ids) => listener(JSON.stringify(ids))
          return async () => {}
        },
      },
      rateLimit,
      logger,
      onSupergraph: (listener) => {
        serve = listener
        return () => {}
      },
      ...parts,
    },
  )
  resources.onClose(gateway.stop)
  return {
    url: gateway.url,
    stocks: stocksServer,
    companies: companiesServer,
    change: (symbol, price, more = {}) => void prices.emit(symbol, { symbol, price, news: [], ...more }),
    end: (error) => void endings.emit('end', error),
    streams: () => running,
    trading,
    entityCalls,
    broken,
    announceRevoked: (ids) => revokedListener(ids),
    serve: (supergraphSdl) => serve(supergraphSdl),
    stop: resources.close,
  }
}
