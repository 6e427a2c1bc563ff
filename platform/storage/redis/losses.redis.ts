import type { Cluster, Redis } from 'ioredis'
import type { Logger } from '../../logging/logger.ts'

/** Logs once that a connection was lost and once that it is back, however often it is tried in between. Gives what ends that. */
export function logLosses(client: Redis | Cluster, logger: Logger): () => void {
  let lost = false
  let ended = false
  let reason: string | undefined
  // An error event that nobody listens to would be printed each time.
  client.on('error', (error: Error & { lastNodeError?: Error }) => {
    const { message, code } = (error.lastNodeError ?? error) as NodeJS.ErrnoException
    // Node's error of several addresses has no message.
    reason = message || code
  })
  client.on('close', () => {
    if (!lost && !ended) logger.warn({ reason: reason ?? 'the connection ended' }, 'Redis cannot be reached')
    lost = true
  })
  client.on('ready', () => {
    if (lost && !ended) logger.info('Redis is back')
    lost = false
    reason = undefined
  })
  if (client.isCluster) logLossesOfNodes(client, logger)
  return () => {
    ended = true
  }
}

/** The rest of a cluster goes on without a node. */
function logLossesOfNodes(cluster: Redis | Cluster, logger: Logger): void {
  const lost = new Set<string>()
  cluster.on('node error', (error: Error, node: string) => {
    if (!lost.has(node)) logger.warn({ node, reason: error.message }, 'a node of the Redis cluster cannot be reached')
    lost.add(node)
  })
  cluster.on('+node', (node: Redis) => {
    const name = `${node.options.host}:${node.options.port}`
    node.on('ready', () => {
      if (lost.delete(name)) logger.info({ node: name }, 'a node of the Redis cluster is back')
    })
  })
}
