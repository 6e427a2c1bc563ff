import { setTimeout as pause } from 'node:timers/promises'
import { unavailable } from '../../../platform/errors/app-error.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import { eventsOf, isSamePosition, origin } from '../domain/position.ts'
import type { Draft, RoomEvent } from '../domain/room-event.ts'
import type { ChatStore } from '../store/chat-store.ts'
import { catchUpToHead } from './catch-up.ts'
import type { RoomClock } from './room-clock.ts'
import type { Command, Committed, RoomAtHead } from './room-commands.ts'

/** A command that waits for its result. */
export interface Waiting {
  command: Command
  resolve(committed: Committed): void
  reject(error: unknown): void
}

const maxAttempts = 50
/** After so many attempts a refusal is believed although the head moves on: it must not hold up a busy room. */
const settleAfter = 3

/** Where committed events go. */
export interface CommitTarget {
  store: ChatStore
  logger: Logger
  clock: RoomClock
  onCommitted(events: RoomEvent[]): void
}

/**
 * Decides and appends the commands as one batch. Those that find the head moved, or stand behind a taken key, are decided again
 * at the new head. `onCommitted` hears of the events once they are in the log and projected.
 */
export async function commitBatch(target: CommitTarget, roomId: string, batch: Waiting[]): Promise<void> {
  let waiting = batch
  for (let attempt = 0; waiting.length > 0; attempt += 1) {
    if (attempt === maxAttempts) {
      for (const { reject } of waiting) reject(unavailable('The room is too busy. Send again.'))
      return
    }
    // Processes that race for a number spread out; the first attempt waits for nothing.
    if (attempt > 0) await pause(Math.random() * Math.min(50, 2 ** attempt))
    waiting = await attemptOnce(target, roomId, waiting, attempt < settleAfter)
  }
}

interface Decided {
  drafts: Draft[]
  waiting: Waiting[]
}

async function attemptOnce(
  target: CommitTarget,
  roomId: string,
  batch: Waiting[],
  mayAskAgain: boolean,
): Promise<Waiting[]> {
  const { store, logger, clock, onCommitted } = target
  const at = await roomAtHead(store, clock, roomId)
  const { decided, again: undecided } = await decideAll(store, at, roomId, batch, mayAskAgain)
  const drafts = decided.flatMap((each) => each.drafts)
  if (drafts.length === 0) return undecided
  const { count, stopped } = await store.log.append(roomId, at.head, drafts)
  const events = eventsOf(roomId, at.head, drafts.slice(0, count))
  if (events.length > 0) {
    // The append was the commit: a projection that fails now is finished by whoever meets it.
    await store.state
      .project(events)
      .catch((error) => logger.warn({ err: error, roomId }, 'events are not projected yet'))
    onCommitted(events)
  }
  const rest = settle(decided, events)
  const again = stopped === 'key-taken' ? await settleRepeats(store, roomId, rest) : rest
  return [...undecided, ...again.flatMap((each) => each.waiting)]
}

/** Resolves the commands that are in the log already; gives the others. Repeats come in crowds, after a lost connection. */
async function settleRepeats(store: ChatStore, roomId: string, rest: Decided[]): Promise<Decided[]> {
  const earlier = await Promise.all(rest.map(({ drafts }) => store.log.find(roomId, drafts[0]?.key ?? '')))
  return rest.filter(({ waiting }, index) => {
    const event = earlier[index]
    if (event) resolveAll(waiting, [event], true)
    return !event
  })
}

/** Resolves the commands whose events all went in; gives the others. Only a command that goes alone has several events. */
function settle(decided: Decided[], events: RoomEvent[]): Decided[] {
  let committed = 0
  return decided.filter(({ drafts, waiting }) => {
    if (committed + drafts.length > events.length) return true
    resolveAll(waiting, events.slice(committed, committed + drafts.length), false)
    committed += drafts.length
    return false
  })
}

/** The first of those who sent the same thing at once made it; to the others it is a repeat. */
function resolveAll(waiting: Waiting[], events: RoomEvent[], duplicate: boolean): void {
  for (const [index, { resolve }] of waiting.entries()) resolve({ events, duplicate: duplicate || index > 0 })
}

/**
 * What each command wants to append. Commands with one key become one. Those that may not, or have nothing to do, are settled: only
 * if the head has not moved since, because the state that they were held against may have been ahead of it in part.
 */
async function decideAll(store: ChatStore, at: RoomAtHead, roomId: string, batch: Waiting[], mayAskAgain: boolean) {
  const decided: Decided[] = []
  const byKey = new Map<string, Decided>()
  const settling: { waiting: Waiting; settle(): Promise<void> | void }[] = []
  for (const waiting of batch) {
    const { key, decide } = waiting.command
    const twin = key === undefined ? undefined : byKey.get(key)
    if (twin) {
      twin.waiting.push(waiting)
      continue
    }
    try {
      const drafts = await decide(at)
      if (drafts.length === 0) {
        settling.push({ waiting, settle: () => waiting.resolve({ events: [], duplicate: false }) })
        continue
      }
      const each = { drafts, waiting: [waiting] }
      decided.push(each)
      if (key !== undefined) byKey.set(key, each)
    } catch (error) {
      settling.push({ waiting, settle: () => refuse(store, roomId, waiting, error) })
    }
  }
  const isDoubtful = mayAskAgain && settling.length > 0
  const askAgain = isDoubtful && !isSamePosition((await store.log.heads([roomId])).get(roomId) ?? origin, at.head)
  if (!askAgain) for (const { settle } of settling) await settle()
  return { decided, again: askAgain ? settling.map(({ waiting }) => waiting) : [] }
}

/** A repeat of what was committed once is no refusal, whatever the rules say now. */
async function refuse(store: ChatStore, roomId: string, { command, resolve, reject }: Waiting, error: unknown) {
  const earlier = command.key === undefined ? undefined : await store.log.find(roomId, command.key)
  if (earlier) resolve({ events: [earlier], duplicate: true })
  else reject(error)
}

async function roomAtHead(store: ChatStore, clock: RoomClock, roomId: string): Promise<RoomAtHead> {
  // Not the state as it is: while it lags behind the log, a refusal or "nothing to do" would be wrong, and no append would tell.
  const { room, head, lastAt } = (await catchUpToHead(store, roomId)) ?? { room: undefined, head: origin, lastAt: 0 }
  const members = new Map<string, ReturnType<RoomAtHead['member']>>()
  return {
    room,
    head,
    now: clock(lastAt),
    member(userId) {
      const known = members.get(userId)
      if (known) return known
      const found = store.state.memberships(userId, [roomId]).then(([membership]) => membership)
      members.set(userId, found)
      return found
    },
    isBanned: (userId) => store.state.isBanned(roomId, userId),
  }
}
