import type { LocalServer, ServerName } from './server.ts'
import { kafka } from './servers/kafka.ts'
import { mongodb } from './servers/mongodb.ts'
import { mysql } from './servers/mysql.ts'
import { redis } from './servers/redis.ts'

/** Every server, as it runs on this machine without Docker. */
export const localServers: Record<ServerName, LocalServer> = { mysql, mongodb, redis, kafka }
