import type { Answer } from '../../readiness/watch-dependencies.ts'
import type { RedisConnection } from '../connection.redis.ts'

export interface RedisQuestions {
  redis: Pick<RedisConnection, 'send'>
  prefix: string
}

const keyOf = (prefix: string) => `${prefix}readiness`

/** Whether the server that has this prefix's keys answers. Of a cluster it is always the same one. Throws as `send` does. */
export async function redisAnswers({ redis, prefix }: RedisQuestions): Promise<Answer> {
  await redis.send('EXISTS', keyOf(prefix))
  return true
}

/** Whether it also takes writes: it answers reads while its memory is full, it cannot save, or it is a replica. Throws when it is away. */
export async function redisTakesWrites({ redis, prefix }: RedisQuestions): Promise<Answer> {
  try {
    await redis.send('SET', keyOf(prefix), '', 'PX', 60_000)
    return true
  } catch (error) {
    const { cause } = error as { cause?: unknown }
    if (cause instanceof Error && cause.message.startsWith('Redis refuses writes')) return { reason: cause.message }
    throw error
  }
}

/**
 * The same for a process that goes on without Redis: only a refusal counts. While Redis is away, what it said last does, so that a
 * connection that is replaced does not hide a refusal.
 */
export function redisRefusesNoWrites(questions: RedisQuestions): () => Promise<Answer> {
  let last: Answer = true
  return async () => {
    last = await redisTakesWrites(questions).catch(() => last)
    return last
  }
}
