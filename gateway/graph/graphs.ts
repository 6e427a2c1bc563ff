import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway'
import { StartError } from '../../platform/config/start-error.ts'
import type { Logger } from '../../platform/logging/logger.ts'
import { createGraph, type Graph } from './graph.ts'
import { createPlanCache } from './plan-cache.ts'

/** What Apollo Server needs of a gateway. */
export type ServedGateway = Pick<ApolloGateway, 'load' | 'onSchemaLoadOrUpdate' | 'stop'>

/** The graph that is served. A new supergraph takes its place while the gateway runs. */
export interface Graphs {
  current(): Graph
  /** Runs queries and mutations on the current graph; Apollo Server takes it. */
  gateway: ServedGateway
  /** Tells of every graph that takes the place of another. Gives what ends it. */
  onChange(listener: (graph: Graph) => void): () => void
  /** Serves this supergraph from now on. One that cannot be served is logged and passed over. */
  replace(supergraphSdl: string): void
}

export interface GraphsOptions {
  supergraphSdl: string
  /** One for each subgraph. */
  dataSources: Record<string, GraphQLDataSource>
  logger: Logger
}

/** Throws when the supergraph cannot be served: it is none, or has a subgraph without a data source. */
export function createGraphs({ supergraphSdl, dataSources, logger }: GraphsOptions): Graphs {
  const listeners = new Set<(graph: Graph) => void>()
  let served = supergraphSdl
  let graph = createFirst(supergraphSdl)
  let update: ((sdl: string) => void) | undefined
  const apolloGateway = new ApolloGateway({
    async supergraphSdl(options) {
      update = options.update
      // It may have been replaced before the gateway was started.
      return { supergraphSdl: served }
    },
    buildService: ({ name }) => sourceOf(name),
    queryPlannerConfig: { cache: createPlanCache() },
  })

  function sourceOf(name: string): GraphQLDataSource {
    const source = dataSources[name]
    if (!source) throw new Error(`The supergraph has a subgraph "${name}" that the gateway was not told about`)
    return source
  }
  function createFirst(sdl: string): Graph {
    try {
      return createServable(sdl)
    } catch (error) {
      throw new StartError(`The supergraph cannot be served: ${error instanceof Error ? error.message : error}`)
    }
  }
  function createServable(sdl: string): Graph {
    const created = createGraph(sdl)
    for (const name of created.subgraphs) sourceOf(name)
    return created
  }

  return {
    current: () => graph,
    gateway: withGraph(apolloGateway, () => graph),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    replace(sdl) {
      if (sdl === served) return
      try {
        const next = createServable(sdl)
        update?.(sdl)
        graph = next
        served = sdl
      } catch (error) {
        logger.error({ err: error }, 'the new supergraph cannot be served; the one before stays')
        return
      }
      logger.info('a new supergraph is served')
      for (const listener of listeners) listener(graph)
    },
  }
}

/** The gateway as Apollo Server takes it, which runs each operation under names that the planner cannot mistake for others. */
const withGraph = (gateway: ApolloGateway, current: () => Graph): ServedGateway => ({
  onSchemaLoadOrUpdate: (callback) => gateway.onSchemaLoadOrUpdate(callback),
  stop: () => gateway.stop(),
  async load(options) {
    const { executor, ...loaded } = await gateway.load(options)
    return {
      ...loaded,
      async executor(requestContext) {
        const { document, request } = requestContext
        const own = current().ownNames(document, request.operationName)
        if (!own) return executor(requestContext)
        const variables = own.variablesOf(request.variables ?? {})
        const renamed = { ...requestContext, document: own.document, request: { ...request, variables } }
        return own.restore(await executor(renamed))
      },
    }
  },
})
