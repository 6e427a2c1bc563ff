import { rateLimitContract } from './rate-limit.contract.ts'
import { createMemoryRateLimit } from './rate-limit.memory.ts'

rateLimitContract('memory', async () => createMemoryRateLimit())
