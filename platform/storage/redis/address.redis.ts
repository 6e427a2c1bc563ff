/** Where Redis is: one server, or some nodes of a cluster that know the others. */
export interface RedisAddress {
  cluster: boolean
  nodes: [RedisNode, ...RedisNode[]]
  tls: boolean
  username?: string
  password?: string
  /** The number of the database; a cluster has only 0. */
  database: number
}

export interface RedisNode {
  host: string
  port: number
}

const shape = /^redis(?<tls>s?)(?<cluster>\+cluster)?:\/\/(?:(?<user>[^@/]*)@)?(?<nodes>[^@/?#]+)\/?(?<database>\d*)$/

/**
 * Reads `redis://user:password@host:6379/0` or `redis+cluster://user:password@host:6379,host:6379`; `rediss` is the same over TLS.
 * What it throws does not contain the URL, which may have a password in it.
 */
export function parseRedisUrl(url: string): RedisAddress {
  const { tls, cluster, user = '', nodes = '', database } = shape.exec(url)?.groups ?? {}
  const [username, password] = user.split(/:(.*)/s).map(decode)
  const [first = '', ...others] = nodes.split(',')
  const address: RedisAddress = {
    cluster: cluster !== undefined,
    nodes: [parseNode(first), ...others.map(parseNode)],
    tls: tls === 's',
    username: username || undefined,
    password,
    database: Number(database ?? 0),
  }
  if (!address.cluster && address.nodes.length > 1) throw new Error('Several Redis servers need redis+cluster://')
  if (address.cluster && address.database !== 0) throw new Error('A Redis cluster has no database but 0')
  return address
}

function parseNode(text: string): RedisNode {
  const node = URL.parse(`redis://${text}`)
  if (!node?.hostname) throw new Error('A Redis URL looks like redis://user:password@host:6379/0')
  return { host: node.hostname.replace(/^\[|\]$/g, ''), port: Number(node.port || 6379) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('The name or password in the Redis URL is not percent-encoded')
  }
}
