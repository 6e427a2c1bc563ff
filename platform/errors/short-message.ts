/** How long a message to a client may be. */
export const longestMessage = 200
const keptAtEnd = 80

/** A message without the middle of what it repeats of a request: what is wrong stands at its beginning, and the rule at its end. */
export function shortMessage(message: string): string {
  if (message.length <= longestMessage) return message
  const beginning = message.slice(0, longestMessage - keptAtEnd - 1)
  return `${beginning}…${message.slice(-keptAtEnd)}`.toWellFormed()
}
