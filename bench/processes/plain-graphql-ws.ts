import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { buildSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { answerParent } from './answer-parent.ts'

/** An event of the room, as the API's types have it. */
type Event = Record<string, unknown>

const subscribers = new Set<(event: Event) => void>()
let server: WebSocketServer | undefined

const answers = {
  /**
   * Starts the peer: Parley's API schema on graphql-ws as its documentation shows it, with a pub/sub in this process. Every
   * subscriber has an execution of its own for every event.
   */
  async start() {
    const schema = buildSchema(await readFile(new URL('../../schema/api.graphql', import.meta.url), 'utf8'))
    const roots = { subscription: { roomEvents } }
    server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/graphql', perMessageDeflate: false })
    useServer({ schema, roots }, server)
    await once(server, 'listening')
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
  },
  publish(events: Event[]) {
    for (const event of events) for (const publish of subscribers) publish(event)
  },
}
export type PlainGraphqlWs = typeof answers

/** A subscriber's events, a snapshot first. */
async function* roomEvents() {
  const waiting: Event[] = [{ __typename: 'RoomSnapshot', cursor: 'c', messages: [], reset: false }]
  let wake = () => {}
  const publish = (event: Event) => {
    waiting.push(event)
    wake()
  }
  subscribers.add(publish)
  try {
    for (;;) {
      for (let event = waiting.shift(); event; event = waiting.shift()) yield { roomEvents: event }
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  } finally {
    subscribers.delete(publish)
  }
}

answerParent(answers, () => {
  for (const socket of server?.clients ?? []) socket.terminate()
  server?.close()
})
