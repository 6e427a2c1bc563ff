import { createLogger } from '../logging/logger.ts'
import { broadcastContract } from './broadcast.contract.ts'
import { createMemoryBroadcast } from './broadcast.memory.ts'

broadcastContract('memory', async () => createMemoryBroadcast(createLogger('test', 'silent')))
