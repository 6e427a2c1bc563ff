import { setTimeout as pause } from 'node:timers/promises'
import type { Chance } from '../chance.ts'
import type { Tally } from '../verdict/faults.ts'
import type { ReaderRecord } from '../verdict/reader-record.ts'
import { faultIn, nameOf } from './ending-check.ts'
import type { Operation } from './operations.ts'
import { type Ending, subscribe } from './subscription.ts'

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
  /** How long a subscription may go on after it told of the removal of its viewer, in milliseconds: longer than a gateway is paused. */
  endsWithin?: number
  onEnd?(ending: Ending): void
}

export function startRoomReader(options: RoomReaderOptions): RoomReader {
  const { record, tally, chance, accessToken, mayBeRemoved = false, onEnd } = options
  const endings = new Map<string, number>()
  let current: Following | undefined
  let opened = 0
  let closed = false

  const judge = (ending: Ending) => {
    const name = nameOf(ending)
    endings.set(name, (endings.get(name) ?? 0) + 1)
    const [isRemoved, isRestored] = [record.isRemoved(), record.isRestored()]
    const fault = faultIn(ending, { isRemoved, mayBeRemoved, isRestored })
    if (fault) tally.blame(fault, `${record.name}: ${name}`)
  }
  const followOnce = async (token: string) => {
    const following = follow(options, opened, token)
    opened += 1
    current = following
    const ending = await following.ended
    await following.close()
    if (closed) return
    judge(ending)
    onEnd?.(ending)
    // Whoever cut the connection is back at once, so that joining happens under traffic.
    await pause(following.wasCut() ? chance.between(10, 100) : chance.between(200, 500))
  }
  const untilClosed = async () => {
    while (!closed) {
      const token = accessToken()
      if (token) await followOnce(token)
      else await pause(50)
    }
  }
  const over = untilClosed()
  return {
    record,
    resumes: () => Math.max(0, opened - 1),
    endings: () => endings,
    async close() {
      closed = true
      current?.cut()
      await Promise.all([current?.close(), over])
    },
  }
}

type Following = ReturnType<typeof follow>

/** One subscription of the reader, at the gateway whose turn it is; it is cut when its time has come, or when it should have ended. */
function follow(options: RoomReaderOptions, turn: number, accessToken: string) {
  const { urls, roomId, operation, record, tally, chance, cutsAfter, isNew, endsWithin = 30_000 } = options
  const cursor = isNew ? undefined : record.cursor()
  const { query, variables } = operation.of(roomId, cursor)
  let endTimer: NodeJS.Timeout | undefined
  let wasCut = false
  const mustEnd = () => {
    tally.blame('notEnded', `${record.name}, after its viewer was removed`)
    subscription.cut()
  }
  const cut = () => {
    wasCut = true
    subscription.cut()
  }
  record.began(cursor)
  const subscription = subscribe({
    url: urls[turn % urls.length] ?? '',
    accessToken,
    query,
    variables,
    onResult(data, hasErrors) {
      const event = operation.read(data)
      if (event) record.saw(event, hasErrors)
      if (record.isRemoved()) endTimer ??= setTimeout(mustEnd, endsWithin)
    },
  })
  const cutTimer = cutsAfter && setTimeout(cut, chance.between(...cutsAfter))
  const ended = subscription.ended.finally(() => {
    clearTimeout(cutTimer)
    clearTimeout(endTimer)
  })
  return { ended, wasCut: () => wasCut, cut: subscription.cut, close: subscription.close }
}
