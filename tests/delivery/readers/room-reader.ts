import { setTimeout as pause } from 'node:timers/promises'
import type { Chance } from '../chance.ts'
import type { Tally } from '../verdict/faults.ts'
import type { ReaderRecord } from '../verdict/reader-record.ts'
import type { Operation } from './operations.ts'
import { type Ending, type Subscription, subscribe } from './subscription.ts'

/** Follows a room through whatever ends its subscription, as a good client does: from its last cursor, at the next gateway. */
export interface RoomReader {
  record: ReaderRecord
  resumes(): number
  /** How its subscriptions ended, and how often. */
  endings(): Map<string, number>
  close(): Promise<void>
}

export interface RoomReaderOptions {
  urls: string[]
  roomId: string
  operation: Operation
  record: ReaderRecord
  tally: Tally
  chance: Chance
  /** Its user's newest access token; undefined while there is none. */
  accessToken(): string | undefined
  /** It cuts its own connection after so long, in milliseconds; never without it. */
  cutsAfter?: [from: number, to: number]
  /** It begins without a cursor each time, as somebody who comes for the first time. */
  isNew?: boolean
  /** Its user may be removed: then it is refused until it is a member again. */
  mayBeRemoved?: boolean
  onEnd?(ending: Ending): void
}

/** How long a subscription may go on after it told of the removal of its viewer, in milliseconds: longer than a gateway is paused. */
const endsWithin = 30_000
const refusals = new Set(['FORBIDDEN', 'NOT_FOUND'])

export function startRoomReader(options: RoomReaderOptions): RoomReader {
  const { urls, roomId, operation, record, tally, chance, accessToken, cutsAfter, isNew, mayBeRemoved, onEnd } = options
  const endings = new Map<string, number>()
  let current: Subscription | undefined
  let opened = 0
  let closed = false

  const judge = (ending: Ending) => {
    const name = ending.how === 'completed' ? 'completed' : String(ending.code)
    endings.set(name, (endings.get(name) ?? 0) + 1)
    const isRefusal = ending.how === 'errors' && refusals.has(ending.code)
    if (isRefusal && !mayBeRemoved) tally.blame('refused', `${record.name}: ${ending.code}`)
    if (ending.how === 'completed' && !record.isRemoved()) tally.blame('refused', `${record.name} completed`)
    // Chat may have died between the removal and the end.
    const isOwnError = ending.how === 'errors' && ending.code !== 'UNAVAILABLE'
    if (isOwnError && record.isRemoved()) tally.blame('notEnded', `${record.name}: ${ending.code}`)
  }
  const followOnce = async (token: string) => {
    const cursor = isNew ? undefined : record.cursor()
    const { query, variables } = operation.of(roomId, cursor)
    record.began(cursor)
    let endTimer: NodeJS.Timeout | undefined
    const subscription = subscribe({
      url: urls[opened % urls.length] ?? '',
      accessToken: token,
      query,
      variables,
      onResult(data, hasErrors) {
        const event = operation.read(data)
        if (event) record.saw(event, hasErrors)
        if (!record.isRemoved() || endTimer) return
        endTimer = setTimeout(() => {
          tally.blame('notEnded', `${record.name}, after its viewer was removed`)
          subscription.cut()
        }, endsWithin)
      },
    })
    opened += 1
    current = subscription
    let wasCut = false
    const cut = () => {
      wasCut = true
      subscription.cut()
    }
    const cutTimer = cutsAfter && setTimeout(cut, chance.between(...cutsAfter))
    const ending = await subscription.ended
    clearTimeout(cutTimer)
    clearTimeout(endTimer)
    await subscription.close()
    if (closed) return
    judge(ending)
    onEnd?.(ending)
    // Whoever cut the connection is back at once, so that joining happens under traffic.
    await pause(wasCut ? chance.between(10, 100) : chance.between(200, 500))
  }
  const following = (async () => {
    while (!closed) {
      const token = accessToken()
      if (token) await followOnce(token)
      else await pause(50)
    }
  })()
  return {
    record,
    resumes: () => Math.max(0, opened - 1),
    endings: () => endings,
    async close() {
      closed = true
      current?.cut()
      await Promise.all([current?.close(), following])
    },
  }
}
