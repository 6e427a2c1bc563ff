import { expect, it } from '@jest/globals'
import type { Environment } from '../../platform/config/env.ts'
import { chatDefaults, readConfig } from './config.ts'

const required: Environment = {
  MONGODB_URL: 'mongodb://localhost/parley',
  REDIS_URL: 'redis://localhost',
  KAFKA_URL: 'kafka://localhost',
  PASSPORT_KEYS: 'x'.repeat(32),
}
const limitsOf = (environment: Environment) => {
  const { host, port, ...limits } = readConfig({ ...required, ...environment }).service
  return limits
}

it('holds the defaults unless something else is set', () => {
  expect(limitsOf({})).toEqual(chatDefaults)
})

it('takes every limit from its own variable', () => {
  const names = [
    'MAX_REPLAY',
    'COMMIT_QUEUE',
    'COMMIT_BATCH',
    'PUBLISH_QUEUE',
    'RELAY_PATIENCE',
    'RELAY_INTERVAL',
    'RELAY_BATCH',
    'ARRIVAL_QUEUE',
    'SNAPSHOT_BYTES',
    'REPLAY_STEP_BYTES',
    'RING_EVENTS',
    'RING_BYTES',
    'RING_TOTAL_BYTES',
    'AHEAD_EVENTS',
    'HOLE_PATIENCE',
    'LOG_PAGE',
    'LOG_PAGE_BYTES',
    'LOG_PAGE_AGE',
    'HEADS_INTERVAL',
    'HEADS_INTERVAL_DISCONNECTED',
  ]
  const values = names.map((name, index) => [name, 5_001 + index] as const)
  const at = Object.fromEntries(values)
  expect(limitsOf(Object.fromEntries(values.map(([name, value]) => [name, `${value}`])))).toEqual({
    maxReplay: at.MAX_REPLAY,
    commits: { maxWaiting: at.COMMIT_QUEUE, maxBatch: at.COMMIT_BATCH },
    maxPublishing: at.PUBLISH_QUEUE,
    snapshotBytes: at.SNAPSHOT_BYTES,
    relay: { patience: at.RELAY_PATIENCE, interval: at.RELAY_INTERVAL, batch: at.RELAY_BATCH },
    maxArriving: at.ARRIVAL_QUEUE,
    feeds: {
      maxEvents: at.RING_EVENTS,
      maxBytes: at.RING_BYTES,
      maxTotalBytes: at.RING_TOTAL_BYTES,
      maxAhead: at.AHEAD_EVENTS,
      patience: at.HOLE_PATIENCE,
      pageSize: at.LOG_PAGE,
      maxStepBytes: at.REPLAY_STEP_BYTES,
      maxPageBytes: at.LOG_PAGE_BYTES,
      pageAge: at.LOG_PAGE_AGE,
      checkEvery: at.HEADS_INTERVAL,
      checkEveryDisconnected: at.HEADS_INTERVAL_DISCONNECTED,
    },
  })
})
