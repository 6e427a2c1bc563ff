import type { ReplyBudget } from './limits/reply-budget.ts'

/** What goes along with an operation to the subgraphs. */
export interface GatewayContext {
  /** The client's own access token, for the subgraphs to verify; nobody trusts the gateway's word for who the user is. */
  authorization?: string
  /** Instead of a token: asked for everyone who is entitled to a shared stream. */
  viewer?: 'everyone'
  clientIp?: string
  /** Whether the client speaks HTTPS, perhaps to a proxy. */
  isHttps?: boolean
  userAgent?: string
  /** The client's cookies, for subgraphs that use them. */
  cookies?: string
  /** Aborted when the operation's time is over, or its caller has gone. */
  signal: AbortSignal
  /** What the replies of subgraphs to the operation, or to one event of a subscription, may still have. */
  replies?: ReplyBudget
  /** Passes a subgraph's `set-cookie` to the client. */
  setCookie?(cookie: string): void
}
