import { beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { Batch, EachBatchPayload, KafkaMessage } from 'kafkajs'
import { createLogger } from '../../logging/logger.ts'
import { type BatchHandler, createBatchHandler, type Step } from './batch-handler.kafka.ts'

const groupError = (type: string) => Object.assign(new Error(type), { type })

describe('batch handler', () => {
  /** What happened, in order. */
  let order: string[]
  let closing: AbortController
  let step: (values: string[]) => Promise<void>
  let steps: (values: string[]) => Step[]
  let heartbeat: () => Promise<void>
  let handler: BatchHandler
  beforeEach(() => {
    order = []
    closing = new AbortController()
    step = async (values) => void order.push(`handles ${values.join()}`)
    steps = (values) => [() => step(values)]
    heartbeat = async () => {}
    handler = createBatchHandler({
      topic: 't',
      group: 'g',
      batch: 2,
      stepsFor: (events) => steps(events.map(({ value }) => value)),
      closing: closing.signal,
      logger: createLogger('test', 'silent'),
    })
  })
  const handle = (...values: string[]) => {
    const messages = values.map((value, index) => ({
      key: Buffer.from('k'),
      value: Buffer.from(value),
      offset: `${100 + index}`,
    }))
    const payload = {
      batch: { topic: 't', partition: 3, messages: messages as unknown as KafkaMessage[] } as Batch,
      heartbeat: () => heartbeat(),
      isRunning: () => true,
      resolveOffset: (offset: string) => void order.push(`resolves ${offset}`),
      commitOffsetsIfNecessary: async (offsets: unknown) => {
        const [topic] = (offsets as { topics: { topic: string; partitions: object[] }[] }).topics
        order.push(`commits ${JSON.stringify(topic?.partitions)}`)
      },
    }
    return handler.handle(payload as unknown as EachBatchPayload)
  }
  const commit = (offset: number) => [`commits [{"partition":3,"offset":"${offset}"}]`, `resolves ${offset - 1}`]

  it('does the steps for each slice, then commits its offset', async () => {
    await handle('a', 'b', 'c')
    expect(order).toEqual(['handles a,b', ...commit(102), 'handles c', ...commit(103)])
  })

  it('repeats a step that throws, and none that is done', async () => {
    let failures = 0
    const second = async () => {
      failures += 1
      if (failures < 3) throw new Error('not now')
      order.push('second')
    }
    steps = (values) => [() => step(values), second]
    await handle('a')
    expect(order).toEqual(['handles a', 'second', ...commit(101)])
  })

  it('heartbeats while a step works; that a connection is lost does not disturb it', async () => {
    const thirdBeat = Promise.withResolvers<void>()
    let beats = 0
    heartbeat = async () => {
      beats += 1
      if (beats === 3) thirdBeat.resolve()
      if (beats < 3) throw new Error('Connection closed')
    }
    step = () => thirdBeat.promise
    await handle('a')
    expect(order).toEqual(commit(101))
  })

  it('gives up a step that fails when its group gives the partitions out anew, and commits nothing', async () => {
    heartbeat = () => Promise.reject(groupError('REBALANCE_IN_PROGRESS'))
    step = () => Promise.reject(new Error('never'))
    await expect(handle('a', 'b', 'c')).rejects.toMatchObject({ type: 'REBALANCE_IN_PROGRESS' })
    expect(order).toEqual([])
  })

  it('finishes and commits a step that works when its group gives the partitions out anew, and no more until it has joined', async () => {
    const beaten = Promise.withResolvers<void>()
    heartbeat = () => {
      beaten.resolve()
      return Promise.reject(groupError('REBALANCE_IN_PROGRESS'))
    }
    step = async ([value]) => {
      order.push(`begins ${value}`)
      await beaten.promise
      await new Promise(setImmediate)
    }
    await expect(handle('a', 'b', 'c')).rejects.toMatchObject({ type: 'REBALANCE_IN_PROGRESS' })
    expect(order).toEqual(['begins a', ...commit(102)])
    await expect(handle('d')).rejects.toMatchObject({ type: 'REBALANCE_IN_PROGRESS' })
    expect(order).toHaveLength(3)
    handler.joined()
    heartbeat = async () => {}
    await handle('e')
    expect(order.slice(3)).toEqual(['begins e', ...commit(101)])
  })

  it('finishes what works when it closes, commits that, and begins nothing', async () => {
    step = async ([value]) => {
      order.push(`handles ${value}`)
      closing.abort()
    }
    await handle('a', 'b', 'c')
    expect(order).toEqual(['handles a', ...commit(102)])
    await handle('d')
    expect(order).toHaveLength(3)
  })

  it('gives up a step that fails when it closes, and commits nothing', async () => {
    step = async () => {
      closing.abort()
      throw new Error('never')
    }
    await handle('a')
    expect(order).toEqual([])
  })

  it('tells whether it works, whether it is stuck at that, and when it does not any more', async () => {
    const gate = Promise.withResolvers<void>()
    step = () => gate.promise
    expect(handler.isWorking()).toBe(false)
    const handling = handle('a')
    expect(handler.isWorking()).toBe(true)
    expect(handler.isStuck()).toBe(false)
    const began = performance.now()
    const clock = jest.spyOn(performance, 'now').mockReturnValue(began + 10_100)
    expect(handler.isStuck()).toBe(true)
    clock.mockRestore()
    const idle = handler.idle()
    gate.resolve()
    await idle
    await handling
    expect([handler.isWorking(), handler.isStuck()]).toEqual([false, false])
  })
})
