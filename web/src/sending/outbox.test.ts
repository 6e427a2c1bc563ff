import { describe, expect, it } from '@jest/globals'
import { ApiError } from '../api/api-error.ts'
import type { SendMessageInput } from '../generated/graphql.ts'
import type { Message } from '../room/room-state.ts'
import { sampleMessage } from '../room/sample-message.harness.ts'
import { createOutbox } from './outbox.ts'

/** An outbox whose sends are answered in order by `answers`: an error code, or nothing for success. */
function outboxWith(answers: (string | undefined)[] = []) {
  const calls: SendMessageInput[] = []
  const waits: number[] = []
  let ids = 0
  const outbox = createOutbox({
    send: async (input) => {
      calls.push(input)
      const code = answers.shift()
      if (code) throw new ApiError(code, code, { retryAfter: code === 'TOO_MANY_REQUESTS' ? 7 : undefined })
      return sampleMessage(calls.length, { text: input.text, clientMessageId: input.clientMessageId })
    },
    wait: async (ms) => {
      waits.push(ms)
    },
    newId: () => `id${++ids}`,
  })
  const settled = () =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (outbox.drafts().some((draft) => draft.status === 'sending')) return
        stop()
        resolve()
      }
      const stop = outbox.subscribe(check)
      check()
    })
  return { outbox, calls, waits, settled }
}

describe('outbox', () => {
  it('shows a message until the server has committed it, then hands it over', async () => {
    const { outbox, settled } = outboxWith()
    const sent: Message[] = []
    outbox.onSent((message) => sent.push(message))
    outbox.send('r', 'hello')
    expect(outbox.drafts()).toMatchObject([{ text: 'hello', status: 'sending' }])
    await settled()
    expect(outbox.drafts()).toEqual([])
    expect(sent.map((message) => message.text)).toEqual(['hello'])
  })

  it('repeats the client id on every try of one message', async () => {
    const { outbox, calls, settled } = outboxWith(['NETWORK', 'UNAVAILABLE', undefined])
    outbox.send('r', 'hello')
    await settled()
    expect(calls.map((call) => call.clientMessageId)).toEqual(['id1', 'id1', 'id1'])
  })

  it('gives up after some tries, and tries the same message again when asked to', async () => {
    const { outbox, calls, settled } = outboxWith(Array.from({ length: 5 }, () => 'NETWORK'))
    outbox.send('r', 'hello')
    await settled()
    expect(outbox.drafts()).toMatchObject([{ status: 'failed', error: { code: 'NETWORK' } }])
    outbox.retry('id1')
    await settled()
    expect(outbox.drafts()).toEqual([])
    expect(new Set(calls.map((call) => call.clientMessageId))).toEqual(new Set(['id1']))
  })

  it('tries again by itself once the server is there again, unless it was refused for good', async () => {
    const { outbox, calls, settled } = outboxWith(['FORBIDDEN', ...Array.from({ length: 5 }, () => 'NETWORK')])
    outbox.send('r', 'refused')
    outbox.send('r', 'lost')
    await settled()
    outbox.retryPassing()
    await settled()
    expect(outbox.drafts()).toMatchObject([{ text: 'refused', status: 'failed' }])
    expect(calls.filter(({ text }) => text === 'lost')).toHaveLength(6)
  })

  it('does not repeat what the server refuses for good', async () => {
    const { outbox, calls, settled } = outboxWith(['FORBIDDEN'])
    outbox.send('r', 'hello')
    await settled()
    expect(calls).toHaveLength(1)
    expect(outbox.drafts()).toMatchObject([{ status: 'failed' }])
  })

  it('waits as long as the server asks for', async () => {
    const { outbox, waits, settled } = outboxWith(['TOO_MANY_REQUESTS'])
    outbox.send('r', 'hello')
    await settled()
    expect(waits).toEqual([7_000])
  })

  it('keeps the order of messages through tries', async () => {
    const { outbox, calls, settled } = outboxWith(['NETWORK'])
    outbox.send('r', 'one')
    outbox.send('r', 'two')
    await settled()
    expect(calls.map((call) => call.text)).toEqual(['one', 'one', 'two'])
  })

  it('forgets a failed message that is discarded', async () => {
    const { outbox, settled } = outboxWith(['FORBIDDEN'])
    outbox.send('r', 'hello')
    await settled()
    outbox.discard('id1')
    expect(outbox.drafts()).toEqual([])
  })
})
