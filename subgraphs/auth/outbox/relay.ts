import { setTimeout as pause } from 'node:timers/promises'
import type { EventLog } from '../../../platform/events/event-log.ts'
import type { Closable } from '../../../platform/lifecycle/resources.ts'
import type { Logger } from '../../../platform/logging/logger.ts'
import { type AccountRegistered, accountsTopic } from '../../../schema/events.ts'
import type { Account, AuthStore } from '../store/auth-store.ts'

/** Brings new accounts to the event log, at least once each. */
export interface Relay extends Closable {
  /** Publishes right after the commit. Waits a moment at most and never throws: what fails is left to `finish`. */
  announce(account: Account): Promise<void>
  /** Publishes accounts that a crash or a failure has left unannounced. Throws when the event log does not take them. */
  finish(): Promise<void>
}

export interface RelayOptions {
  store: Pick<AuthStore, 'unannouncedAccounts' | 'markAnnounced'>
  eventLog: Pick<EventLog, 'append'>
  logger: Logger
  now?(): Date
  /** How many accounts `finish` publishes in one step. */
  batch?: number
}

/** How old an unannounced account is before it counts as left behind, in milliseconds. */
const leftBehindAfter = 2_000
/** How long a registration waits for its event, in milliseconds. */
const patience = 1_000

export function createRelay({ store, eventLog, logger, now = () => new Date(), batch = 100 }: RelayOptions): Relay {
  const running = new Set<Promise<void>>()
  const publish = async (accounts: Account[]) => {
    await eventLog.append(accountsTopic, accounts.map(toEvent))
    for (const { id } of accounts) await store.markAnnounced(id)
  }
  return {
    async announce(account) {
      const publishing = publish([account])
        .catch((error) => logger.warn({ err: error, userId: account.id }, 'an account is announced later'))
        .finally(() => running.delete(publishing))
      running.add(publishing)
      await Promise.race([publishing, pause(patience, undefined, { ref: false })])
    },
    async finish() {
      const before = new Date(now().getTime() - leftBehindAfter)
      for (let full = true; full; ) {
        const accounts = await store.unannouncedAccounts(before, batch)
        if (accounts.length > 0) await publish(accounts)
        full = accounts.length === batch
      }
    },
    async close() {
      await Promise.all(running)
    },
  }
}

function toEvent({ id, username, displayName, createdAt }: Account) {
  const event: AccountRegistered = {
    type: 'account-registered',
    userId: id,
    username,
    displayName,
    at: createdAt.toISOString(),
  }
  return { key: id, value: JSON.stringify(event) }
}
