import type { QueryPlan, QueryPlannerConfig } from '@apollo/query-planner'
import { LRUCache } from 'lru-cache'

type PlanCache = NonNullable<QueryPlannerConfig['cache']>

const maxBytes = 32_000_000
/** What a plan takes beside its text, and for each character of it as JSON, rounded up. */
const [bytesOfPlan, bytesPerCharacter] = [2_000, 3]

/** The plans of queries and mutations that were made lately, bounded by the bytes that they hold. */
export function createPlanCache(): PlanCache {
  const plans = new LRUCache<string, QueryPlan>({
    maxSize: maxBytes,
    sizeCalculation: (plan) => bytesOfPlan + bytesPerCharacter * JSON.stringify(plan).length,
  })
  return {
    get: async (key) => plans.get(key),
    set: async (key, plan) => void plans.set(key, plan),
    delete: async (key) => plans.delete(key),
    clear: () => plans.clear(),
  }
}
