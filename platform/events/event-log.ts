/** An event for a topic. Events of one key keep their order. */
export interface LogEvent {
  key: string
  value: string
}

/**
 * A durable log of events with consumer groups.
 *
 * - `append` resolves once the events are durable; all of them, in the order given. It throws `UNAVAILABLE` within seconds when
 *   the log cannot be reached; some of the events may be in it then.
 * - Every group sees every event at least once, and those of one key in the order they were appended.
 * - A handler that throws gets the same events again, after a pause; its place is kept over a restart.
 * - An event that its consumer cannot read goes to the dead letters, topic `<topic>.dead`, and holds up nothing. The group's
 *   place moves on only after that.
 * - A group that is new starts at the oldest event that is kept.
 */
export interface EventLog {
  append(topic: string, events: LogEvent[]): Promise<void>
  /**
   * Hands batches of at most `batch` events to the handler, one batch after the other. It does not wait for the log: when that
   * is away, the events come once it is back. Closing waits for the running batch.
   */
  consume<T = LogEvent>(options: ConsumeOptions<T>): Promise<Consumer>
  close(): Promise<void>
}

export interface ConsumeOptions<T = LogEvent> {
  topic: string
  group: string
  batch?: number
  /**
   * What the handler is given for an event. An event that this throws at becomes a dead letter with the error's message as its
   * reason. Without it the handler is given the events as they are.
   */
  parse?(event: LogEvent): T
  handle(events: T[]): Promise<void>
}

/** In milliseconds. */
export const stuckAfter = 10_000

export interface Consumer {
  /** Whether it takes part in its group and gets on: it is not at one batch, however often that is tried, for longer than `stuckAfter`. */
  works(): boolean
  close(): Promise<void>
}
