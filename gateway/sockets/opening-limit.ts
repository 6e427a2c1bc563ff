import { abortable } from '../../platform/streams/abortable.ts'

/** Lets only so many subscriptions open at a time: the first event of one can be large, and all of them are held in memory. */
export interface OpeningLimit {
  /** The stream, whose first event waits for its turn. A turn ends when the second event is asked for, or by its time. */
  gate<T>(userId: string, stream: AsyncGenerator<T, void>): AsyncGenerator<T, void>
}

export interface OpeningLimitOptions {
  perUser: number
  total: number
  /** How long a turn lasts at most, in milliseconds: a stream may be silent for ever. */
  turn?: number
}

export function createOpeningLimit({ perUser, total, turn = 1_000 }: OpeningLimitOptions): OpeningLimit {
  const everybody = createTurns(total)
  const users = new Map<string, Turns>()
  const turnsOf = (userId: string) => {
    const found = users.get(userId) ?? createTurns(perUser)
    users.set(userId, found)
    return found
  }
  const take = async (userId: string) => {
    const own = turnsOf(userId)
    await own.take()
    await everybody.take()
    let over = false
    const end = () => {
      if (over) return
      over = true
      clearTimeout(timer)
      everybody.give()
      own.give()
      if (own.idle()) users.delete(userId)
    }
    const timer = setTimeout(end, turn)
    return end
  }
  return {
    gate: (userId, stream) =>
      abortable(async function* (signal) {
        signal.addEventListener('abort', () => void stream.return(), { once: true })
        const end = await take(userId)
        try {
          for await (const event of stream) {
            yield event
            end()
          }
        } finally {
          end()
        }
      }),
  }
}

interface Turns {
  take(): Promise<void>
  give(): void
  idle(): boolean
}

function createTurns(count: number): Turns {
  const waiting: (() => void)[] = []
  let taken = 0
  return {
    async take() {
      if (taken >= count) await new Promise<void>((resolve) => waiting.push(resolve))
      else taken += 1
    },
    give() {
      const next = waiting.shift()
      if (next) next()
      else taken -= 1
    },
    idle: () => taken === 0 && waiting.length === 0,
  }
}
