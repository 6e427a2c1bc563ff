import { describe, expect, it } from '@jest/globals'
import { eventsOf, origin } from '../../domain/position.ts'
import { type Message, type RoomEvent, sentMessage } from '../../domain/room-event.ts'
import { deleted, edited, roomUpdated, sent } from '../../testing/drafts.ts'
import type { ChatStore } from '../chat-store.ts'

/** A message as it is kept, beside the number of the event that changed it last. */
export type Kept = Message & { v: number }

/** A store of an earlier release. `write` makes it, with a room. */
export interface OldStore {
  write(events: RoomEvent[], messages: Kept[]): Promise<void>
  open(): Promise<ChatStore>
  remove(): Promise<void>
}

/** Texts that an earlier release left in its log: of a message that was edited twice, and of one that was edited and deleted. */
function oldRoom() {
  const drafts = [roomUpdated(), sent('secret 1'), sent('secret 2'), sent('open')]
  const sentMessages = eventsOf('a', origin, drafts).slice(1).map(sentMessage)
  const [first, second, third] = sentMessages as [Message, Message, Message]
  const changes = [edited(first, 'secret 3'), edited(second, 'secret 4'), edited(first, 'as it is'), deleted(second)]
  const messages = [
    { ...first, text: 'as it is', editedAt: 2_000, v: 7 },
    { ...second, text: '', editedAt: 2_000, deletedAt: 3_000, v: 8 },
    { ...third, v: 4 },
  ]
  return { events: eventsOf('a', origin, [...drafts, ...changes]), messages }
}

/** What every adapter does with the texts that earlier releases left in their logs. */
export function oldTextsContract(adapter: string, make: () => Promise<OldStore>): void {
  describe(`a room of an earlier release on ${adapter}`, () => {
    it('loses the texts that were replaced or deleted, and nothing else, the first time it is opened', async () => {
      const old = await make()
      const { events, messages } = oldRoom()
      await old.write(events, messages)
      for (let opening = 1; opening <= 2; opening += 1) {
        const store = await old.open()
        const found = await store.log.read('a', 0, 100)
        expect(JSON.stringify(found)).not.toContain('secret')
        expect(found.map(({ seq, key, previous }) => ({ seq, key, previous }))).toEqual(
          events.map(({ seq, key, previous }) => ({ seq, key, previous })),
        )
        expect(found[3]).toEqual(events[3])
        expect(found[6]).toEqual(events[6])
        expect((await store.state.messages('a', { take: 'first', count: 10 })).items.map(({ text }) => text)).toEqual([
          'as it is',
          '',
          'open',
        ])
        await store.close()
      }
      await old.remove()
    })
  })
}
