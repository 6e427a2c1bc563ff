import { z } from 'zod'
import { uuid } from '../../../platform/errors/text-rules.ts'
import type { Consumer, EventLog, LogEvent } from '../../../platform/events/event-log.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import { type AccountRegistered, accountsTopic } from '../../../schema/events.ts'
import type { Profiles } from '../domain/profiles.ts'

export interface AccountConsumerOptions {
  eventLog: EventLog
  profiles: Pick<Profiles, 'store' | 'arrivals'>
  logger: Logger
}

/** Makes a profile for each account that is registered. An event that comes again is harmless, also after the profile was deleted. */
export function consumeAccounts({ eventLog, profiles, logger }: AccountConsumerOptions): Promise<Consumer> {
  const register = async ({ userId, username, displayName, at }: AccountRegistered) => {
    const outcome = await profiles.store.add({ id: userId, username, displayName }, new Date(at))
    if (outcome === 'username taken')
      logger.error({ userId }, 'an account has a username that is taken: no profile made')
  }
  return eventLog.consume({
    topic: accountsTopic,
    group: 'profile',
    parse: parseAccountEvent,
    async handle(events) {
      for (const event of events) if (event !== 'other') await register(event)
      profiles.arrivals.announce()
    },
  })
}

const typed = z.object({ type: z.string() })
const accountRegistered = z.object({
  type: z.literal('account-registered'),
  userId: uuid,
  username: z.string().min(1).max(50),
  displayName: z.string().min(1).max(100),
  at: z.iso.datetime(),
}) satisfies z.ZodType<AccountRegistered>

/** The registration, or that something else has happened to an account. Throws when it is neither. */
function parseAccountEvent({ value }: LogEvent): AccountRegistered | 'other' {
  const json: unknown = JSON.parse(value)
  return typed.parse(json).type === 'account-registered' ? accountRegistered.parse(json) : 'other'
}
