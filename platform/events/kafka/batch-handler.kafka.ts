import { setTimeout as pause } from 'node:timers/promises'
import type { EachBatchPayload, KafkaMessage } from 'kafkajs'
import { awayReason } from '../../errors/away.ts'
import type { Logger } from '../../logging/logger.ts'
import { type LogEvent, stuckAfter } from '../event-log.ts'

/** Something that has to be done for a batch, again and again until it does not throw. */
export type Step = () => Promise<void>

export interface BatchHandler {
  /** kafkajs's `eachBatch`: does the steps for each slice of the batch, then commits its offset. */
  handle(payload: EachBatchPayload): Promise<void>
  /** Tells that this member has joined its group, with new partitions. */
  joined(): void
  isWorking(): boolean
  /** Whether the steps of one slice have taken too long. */
  isStuck(): boolean
  /** Resolves when no steps are being done. */
  idle(): Promise<void>
}

export interface BatchHandlerOptions {
  /** Names the consumer in the log. */
  topic: string
  group: string
  /** How many events a slice has at most. */
  batch: number
  stepsFor(events: LogEvent[]): Step[]
  /** Ends steps that would be tried again. */
  closing: AbortSignal
  logger: Logger
}

const heartbeatInterval = 1_000
/** After these the group gives the partitions out anew. */
const groupErrors = ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'NOT_COORDINATOR_FOR_GROUP']

export function createBatchHandler(options: BatchHandlerOptions): BatchHandler {
  const { topic, group, batch: size, stepsFor, closing, logger } = options
  let working: Promise<boolean> | undefined
  let workingSince = 0
  let expelled = new AbortController()

  /** Whether the steps are done; they are not when this consumer closes, or its group gives the partitions out anew. */
  const work = async (steps: Step[]) => {
    const stop = AbortSignal.any([closing, expelled.signal])
    for (const step of steps) {
      for (let failures = 1; ; failures += 1) {
        try {
          await step()
          break
        } catch (error) {
          const reason = awayReason(error)
          if (reason === undefined)
            logger.error({ err: error, topic, group, failures }, 'an event handler failed; its events come again')
          // An outage is expected: it is told at its beginning.
          else if (failures === 1)
            logger.warn({ reason, topic, group }, 'events wait for a part that is away; they come again')
          const longest = Math.min(5_000, 50 * 2 ** failures)
          await pause(longest * (0.5 + Math.random() / 2), undefined, { signal: stop }).catch(() => {})
          if (stop.aborted) return false
        }
      }
    }
    return true
  }
  const workWithHeartbeats = async (steps: Step[], heartbeat: () => Promise<void>) => {
    const membership = expelled
    const beat = () =>
      heartbeat().catch((error: { type?: string }) => {
        // Others may be a lost connection: the membership outlives that for a while.
        if (groupErrors.includes(String(error.type))) membership.abort(error)
      })
    const beating = setInterval(beat, heartbeatInterval)
    try {
      workingSince = performance.now()
      working = work(steps)
      return await working
    } finally {
      working = undefined
      clearInterval(beating)
    }
  }
  return {
    async handle({ batch, heartbeat, commitOffsetsIfNecessary, resolveOffset, isRunning }) {
      for (const slice of slices(batch.messages, size)) {
        if (closing.aborted || !isRunning()) return
        // Another batch of the same answer may have found out.
        expelled.signal.throwIfAborted()
        const isDone = await workWithHeartbeats(stepsFor(slice.map(toEvent)), heartbeat)
        if (isDone) {
          const last = slice.at(-1)?.offset ?? batch.lastOffset()
          const next = { partition: batch.partition, offset: `${BigInt(last) + 1n}` }
          await commitOffsetsIfNecessary({ topics: [{ topic: batch.topic, partitions: [next] }] })
          resolveOffset(last)
        }
        expelled.signal.throwIfAborted()
        if (!isDone) return
        await heartbeat()
      }
    },
    joined() {
      expelled = new AbortController()
    },
    isWorking: () => working !== undefined,
    isStuck: () => working !== undefined && performance.now() - workingSince > stuckAfter,
    idle: async () => void (await working),
  }
}

const toEvent = ({ key, value }: KafkaMessage): LogEvent => ({
  key: key?.toString() ?? '',
  value: value?.toString() ?? '',
})

function* slices(messages: KafkaMessage[], size: number) {
  for (let start = 0; start < messages.length; start += size) yield messages.slice(start, start + size)
}
