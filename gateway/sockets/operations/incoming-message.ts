import { MessageType } from 'graphql-ws'
import { isNestedAtMost } from '../../limits/variables.ts'

/**
 * A message as graphql-ws takes it: parsed, because it keeps what it is given for as long as the operation runs, and the text is
 * larger. What is no message stays text, for graphql-ws to refuse.
 */
export function parseIncoming(text: string): {
  message: string
  subscribesAs?: string
  isForClients?: boolean
  isTooDeep?: boolean
} {
  const parsed = parseObject(text)
  if (!parsed) return { message: text }
  const { type, id } = parsed
  // It says that it wants text; `parseMessage` of graphql-ws lets objects through.
  const message = parsed as unknown as string
  if (forClients.includes(type)) return { message, isForClients: true }
  // The payload of a ping is written again for its pong. The variables of an operation have their own limit, and an answer of their own.
  if (type !== MessageType.Subscribe && !isNestedAtMost(parsed, deepestMessage)) return { message, isTooDeep: true }
  return type === MessageType.Subscribe && typeof id === 'string' ? { message, subscribesAs: id } : { message }
}

/** How many levels a message may have that is no `subscribe`. */
const deepestMessage = 32

const forClients: unknown[] = [MessageType.ConnectionAck, MessageType.Next, MessageType.Error]

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Lets go of parts that graphql-ws would keep, and nobody reads any more. */
export function release<T extends object>(kept: T, ...names: (keyof T)[]): void {
  for (const name of names) (kept as Partial<Record<keyof T, unknown>>)[name] = undefined
}
