import { expect, it } from '@jest/globals'
import { createMetrics } from '../../../platform/metrics/metrics.ts'
import { OperationIds } from './operation-ids.ts'
import { createOperationAccount, type RunningOperations } from './running-operations.ts'

it('tells everybody who waits for the answers, and those who come when all have been given', async () => {
  const account = createOperationAccount(createMetrics('test'))
  const running: RunningOperations = { ids: new OperationIds(), kinds: new Map() }
  account.started(running, 'query')
  account.started(running, 'subscription')
  let told = 0
  const waiting = [1, 2].map(async () => {
    await account.answered(running)
    told += 1
  })
  account.streams(running, 'subscription')
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
  expect(told).toBe(0)
  account.ended(running, 'query')
  await Promise.all(waiting)
  expect(told).toBe(2)
  await account.answered(running)
})
