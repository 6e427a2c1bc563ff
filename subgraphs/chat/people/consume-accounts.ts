import { z } from 'zod'
import { uuid } from '../../../platform/errors/text-rules.ts'
import type { Consumer, EventLog, LogEvent } from '../../../platform/events/event-log.ts'
import { type AccountRegistered, accountsTopic } from '../../../schema/events.ts'
import type { PeopleStore } from '../store/chat-store.ts'

/** Learns of each account that is registered. An event that comes again is harmless. */
export const consumeAccounts = (eventLog: EventLog, people: PeopleStore): Promise<Consumer> =>
  eventLog.consume({
    topic: accountsTopic,
    group: 'chat',
    parse: registeredUser,
    handle: (userIds) => people.add(userIds.filter((userId) => userId !== 'other')),
  })

const typed = z.object({ type: z.string() })
const registration = z.object({ type: z.literal('account-registered'), userId: uuid }) satisfies z.ZodType<
  Pick<AccountRegistered, 'type' | 'userId'>
>

/** The id of who registered, or that something else has happened to an account. Throws when it is neither. */
function registeredUser({ value }: LogEvent): string {
  const json: unknown = JSON.parse(value)
  return typed.parse(json).type === 'account-registered' ? registration.parse(json).userId : 'other'
}
