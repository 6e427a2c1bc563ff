/** An event of a room as a reader got it, whatever its operation called the fields. */
export interface SeenEvent {
  type: string
  /** Null: an event that has no place in the log. */
  cursor: string | null
  /** When it happened, as RFC 3339 text. */
  at: string
  reset?: boolean
  message?: SeenMessage
  /** Of a snapshot. */
  messages?: { seq: number; text: string }[]
  /** Who joined or left. */
  userId?: string
}

export interface SeenMessage {
  id: string
  seq: number
  text: string
  senderId: string
  /** Undefined when it was not asked for. */
  sender?: { displayName: string } | null
}
