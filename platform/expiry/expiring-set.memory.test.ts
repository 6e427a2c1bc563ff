import { expiringSetContract } from './expiring-set.contract.ts'
import { createMemoryExpiringSet } from './expiring-set.memory.ts'

expiringSetContract('memory', async () => createMemoryExpiringSet())
