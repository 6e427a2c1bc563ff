/** The topic of what happens to accounts; the key is the user's id. */
export const accountsTopic = 'auth.accounts'

/** An account was made. */
export interface AccountRegistered {
  type: 'account-registered'
  userId: string
  username: string
  displayName: string
  /** When, as RFC 3339 text in UTC. */
  at: string
}

/**
 * The topic of what happens in rooms; the key is the room's id. Values are JSON room events with `roomId` and `seq`, without the texts
 * of messages: a text can be edited or deleted, and what is in a topic stays. Whoever needs one asks the graph for the message. When
 * the chat store was restored from a backup, a `seq` comes again for another event: `key` tells the two apart.
 */
export const roomEventsTopic = 'chat.room-events'
