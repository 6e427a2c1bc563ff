/** An event for a topic. Events of one key keep their order. */
export interface LogEvent {
  key: string
  value: string
}

/**
 * A durable log of events with consumer groups.
 *
 * - `append` resolves once the events are durable; all of them, in the order given.
 * - Every group sees every event at least once, and those of one key in the order they were appended.
 * - A handler that throws gets the same events again, after a pause; its place is kept over a restart.
 * - A group that is new starts at the oldest event that is kept.
 */
export interface EventLog {
  append(topic: string, events: LogEvent[]): Promise<void>
  /** Hands batches of at most `batch` events to the handler, one batch after the other. Closing waits for the running one. */
  consume(options: ConsumeOptions): Promise<Consumer>
  close(): Promise<void>
}

export interface ConsumeOptions {
  topic: string
  group: string
  batch?: number
  handle(events: LogEvent[]): Promise<void>
}

export interface Consumer {
  close(): Promise<void>
}
