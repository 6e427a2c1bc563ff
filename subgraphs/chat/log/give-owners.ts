import { repeat } from '../../../platform/lifecycle/repeat.ts'
import type { Closable } from '../../../platform/lifecycle/resources.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import { draft } from '../domain/chat.ts'
import type { Membership } from '../domain/room-event.ts'
import type { ChatStore } from '../store/chat-store.ts'
import type { RoomLog } from './room-log.ts'

export interface GivingOwnersOptions {
  store: ChatStore
  log: RoomLog
  logger: Logger
}

/** In milliseconds. Releases from before the rule may run beside this one for a while, and leave more. */
const every = 3_600_000
const pageSize = 100

/**
 * Gives an owner to each room that has members and none: the moderator who joined first, or else the member who did. Today's rules leave
 * no such room; those of earlier releases did.
 */
export async function startGivingOwners({ store, log, logger }: GivingOwnersOptions): Promise<Closable> {
  let closing = false
  const giveOwners = async () => {
    for (let after = ''; !closing; ) {
      const rooms = await store.state.withoutOwner(after, pageSize)
      for (const { id } of rooms) {
        if (closing) return
        const { events } = await giveOwner(store, log, id)
        if (events.length > 0)
          logger.info({ roomId: id }, 'a room that an earlier release left without an owner has one')
      }
      const last = rooms.at(-1)
      if (!last || rooms.length < pageSize) return
      after = last.id
    }
  }
  const repeated = await repeat({ name: 'give owners to rooms', task: giveOwners, every, logger })
  return {
    async close() {
      closing = true
      await repeated.close()
    },
  }
}

/** Another process may be at it: who of them comes second finds an owner there. */
const giveOwner = (store: ChatStore, log: RoomLog, roomId: string) =>
  log.commit(roomId, {
    async decide({ room, now }) {
      const heir = room && room.memberCount > 0 && room.ownerCount === 0 && (await heirOf(store, roomId))
      return heir ? [draft(now(), heir.userId, { type: 'MemberChanged', member: { ...heir, role: 'OWNER' } })] : []
    },
  })

async function heirOf(store: ChatStore, roomId: string): Promise<Membership | undefined> {
  let first: Membership | undefined
  for (let after = 0; ; ) {
    const { items, hasNextPage } = await store.state.members(roomId, { first: pageSize, after })
    const moderator = items.find(({ role }) => role === 'MODERATOR')
    first ??= items[0]
    const last = items.at(-1)
    if (moderator || !last || !hasNextPage) return moderator ?? first
    after = last.joinedSeq
  }
}
