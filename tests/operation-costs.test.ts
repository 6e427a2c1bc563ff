import { expect, it } from '@jest/globals'
import { costsOfKnownOperations } from '../dev/docs/limits.ts'
import { defaultLimits } from '../gateway/config.ts'

const { maxCost, maxResponseBytes } = defaultLimits

it.each(costsOfKnownOperations())('$name stays under a third of what an operation may cost', ({ cost }) => {
  expect(cost.points).toBeLessThan(maxCost / 3)
  expect(cost.responseBytes).toBeLessThan(maxResponseBytes / 3)
})
