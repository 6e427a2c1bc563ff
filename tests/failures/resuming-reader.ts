import { setTimeout as pause } from 'node:timers/promises'
import type { Person } from '../clients.ts'
import { follow, type Reader, type SeenMessage } from '../reader.ts'

/** A reader that goes on through whatever ends its subscription, as a good client does: from its last cursor, at the next gateway. */
export interface ResumingReader {
  /** Every message that came, in the order it came. */
  messages(): SeenMessage[]
  resumes(): number
  /** The codes that its sockets were closed with; ends that were errors of the graph are not among them. */
  closeCodes(): number[]
  /** What speaks against "once and in order"; empty when all is well. */
  faults(): string[]
  until(what: string, condition: (seen: SeenMessage[]) => boolean, deadline?: number): Promise<void>
  close(): Promise<void>
}

/** `token` gives the newest access token: it may be refreshed while the reader goes on. */
export async function followThrough(urls: string[], who: () => Pick<Person, 'accessToken'>, roomId: string) {
  const past: Reader[] = []
  let current: Reader
  let closed = false
  const all = () => [...past, ...(current ? [current] : [])]
  const messages = () => all().flatMap((reader) => reader.sent())
  const open = (cursor?: string) => follow(urls[past.length % urls.length] ?? '', who(), roomId, cursor)

  current = open()
  await current.until(({ events }) => events.length > 0)
  const going = (async () => {
    while (!closed) {
      await pause(20)
      if (current.ended === undefined) continue
      const cursor = current.cursor()
      await current.close()
      await pause(100 + Math.random() * 200)
      past.push(current)
      if (!closed) current = open(cursor)
    }
  })()
  const reader: ResumingReader = {
    messages,
    resumes: () => past.length,
    closeCodes: () => past.flatMap(({ ended }) => (ended && 'code' in ended ? [ended.code] : [])),
    faults() {
      const resets = all()
        .slice(1)
        .flatMap(({ events }) => events.filter(({ __typename }) => __typename === 'RoomSnapshot'))
      const seqs = messages().map(({ seq }) => seq)
      const disorder = seqs.flatMap((seq, index) => {
        const before = seqs[index - 1]
        return before !== undefined && seq <= before ? [`${seq} came after ${before}`] : []
      })
      return [...resets.map(() => 'a resumed subscription began with a snapshot'), ...disorder]
    },
    async until(what, condition, deadline = 20_000) {
      for (const end = Date.now() + deadline; !condition(messages()); ) {
        if (Date.now() > end)
          throw new Error(`Waited in vain until ${what}: ${messages().length} messages, ${past.length} resumes`)
        await pause(20)
      }
    },
    async close() {
      closed = true
      await going
      await current.close()
    },
  }
  return reader
}
