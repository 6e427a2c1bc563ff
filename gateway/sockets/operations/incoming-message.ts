import { MessageType } from 'graphql-ws'

/**
 * A message as graphql-ws takes it: parsed, because it keeps what it is given for as long as the operation runs, and the text is
 * larger. What is no message stays text, for graphql-ws to refuse.
 */
export function parseIncoming(text: string): { message: string; subscribesAs?: string; isForClients?: boolean } {
  const parsed = parseObject(text)
  if (!parsed) return { message: text }
  const { type, id } = parsed
  // It says that it wants text; `parseMessage` of graphql-ws lets objects through.
  const message = parsed as unknown as string
  if (forClients.includes(type)) return { message, isForClients: true }
  return type === MessageType.Subscribe && typeof id === 'string' ? { message, subscribesAs: id } : { message }
}

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
