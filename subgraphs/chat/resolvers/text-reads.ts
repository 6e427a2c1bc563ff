import type { Page } from '../../../platform/graphql/page.ts'
import type { ResponseMeter } from '../../../platform/graphql/response-meter.ts'
import type { Message } from '../domain/room-event.ts'

/**
 * Reads pages of messages with their texts for one operation. A page can have megabytes of them, so few are read at a time, and none any
 * more once together they are more than the response may have.
 */
export type TextReads = (meter: ResponseMeter | undefined, read: () => Promise<Page<Message>>) => Promise<Page<Message>>

/** How many pages are read at a time. */
const concurrency = 2

export function createTextReads(): TextReads {
  const waiting: (() => void)[] = []
  let reading = 0
  return async (meter, read) => {
    if (reading < concurrency) reading += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      meter?.read(0)
      const page = await read()
      meter?.read(page.items.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0))
      return page
    } finally {
      const next = waiting.shift()
      if (next) next()
      else reading -= 1
    }
  }
}
