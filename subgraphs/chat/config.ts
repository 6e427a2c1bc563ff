/** What the chat subgraph has to be told. */
export interface ChatConfig {
  host: string
  port: number
  /** Resuming from further behind than this many events gives a fresh snapshot. */
  maxReplay: number
}

/** What holds unless something else is configured. */
export const chatDefaults = { maxReplay: 10_000 } satisfies Partial<ChatConfig>
