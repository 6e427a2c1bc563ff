import { afterError } from '../../../client/after-loss.ts'
import { backoff } from '../../../client/backoff.ts'
import { type ApiError, toApiError } from '../api/api-error.ts'
import type { SendMessageInput } from '../generated/graphql.ts'
import type { Message } from '../room/room-state.ts'
import { newId as randomId } from '../secure-context.ts'

export interface Draft extends SendMessageInput {
  readonly createdAt: string
  readonly status: 'sending' | 'failed'
  readonly error?: ApiError
}

export interface Outbox {
  drafts(): readonly Draft[]
  /** Calls `listener` whenever the drafts change; gives what stops it. */
  subscribe(listener: () => void): () => void
  /** Calls `listener` with every message that the server committed; gives what stops it. */
  onSent(listener: (message: Message) => void): () => void
  send(roomId: string, text: string): void
  retry(clientMessageId: string): void
  /** Tries again what failed for reasons that pass: the server is there again. */
  retryPassing(): void
  discard(clientMessageId: string): void
  clear(): void
}

export interface OutboxParts {
  /** Commits a message, once per `clientMessageId`. Throws `ApiError`. */
  send: (input: SendMessageInput) => Promise<Message>
  wait: (ms: number) => Promise<void>
  newId?: () => string
}

const tries = 5
const mayPass = ({ code }: ApiError) =>
  code === 'NETWORK' || (code !== 'UNEXPECTED' && ['resume', 'resume-later'].includes(afterError(code)))
const failedInPassing = ({ error }: Draft) => error !== undefined && mayPass(error)

/**
 * Messages on their way, sent one after another so that they keep their order. A message keeps its client id through
 * all tries, so an answer that got lost never makes a second message.
 */
export function createOutbox({ send, wait, newId = randomId }: OutboxParts): Outbox {
  let drafts: readonly Draft[] = []
  let working = false
  const listeners = new Set<() => void>()
  const sentListeners = new Set<(message: Message) => void>()

  const become = (next: readonly Draft[]) => {
    drafts = next
    for (const listener of listeners) listener()
  }
  const update = (id: string, change: Pick<Draft, 'status' | 'error'>) =>
    become(drafts.map((draft) => (draft.clientMessageId === id ? { ...draft, ...change } : draft)))
  const remove = (id: string) => become(drafts.filter((draft) => draft.clientMessageId !== id))
  const isWanted = (id: string) => drafts.some((draft) => draft.clientMessageId === id)

  const deliver = async ({ roomId, text, clientMessageId }: Draft) => {
    for (let attempt = 0; ; attempt++) {
      try {
        const message = await send({ roomId, text, clientMessageId })
        if (!isWanted(clientMessageId)) return
        for (const listener of sentListeners) listener(message)
        return remove(clientMessageId)
      } catch (failure) {
        const error = toApiError(failure)
        const isLast = attempt + 1 === tries || !mayPass(error)
        if (isLast) return update(clientMessageId, { status: 'failed', error })
        await wait(error.retryAfter ? error.retryAfter * 1_000 : backoff(attempt))
        if (!isWanted(clientMessageId)) return
      }
    }
  }

  const work = async () => {
    if (working) return
    working = true
    try {
      for (let next = nextDraft(); next; next = nextDraft()) await deliver(next)
    } finally {
      // A listener that throws must not keep the messages after it from being sent.
      working = false
    }
  }
  const nextDraft = () => drafts.find((draft) => draft.status === 'sending')

  return {
    drafts: () => drafts,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onSent(listener) {
      sentListeners.add(listener)
      return () => sentListeners.delete(listener)
    },
    send(roomId, text) {
      const createdAt = new Date().toISOString()
      become([...drafts, { roomId, text, clientMessageId: newId(), createdAt, status: 'sending' }])
      void work()
    },
    retry(clientMessageId) {
      update(clientMessageId, { status: 'sending', error: undefined })
      void work()
    },
    retryPassing() {
      if (!drafts.some(failedInPassing)) return
      become(
        drafts.map((draft) => (failedInPassing(draft) ? { ...draft, status: 'sending', error: undefined } : draft)),
      )
      void work()
    },
    discard: remove,
    clear: () => become([]),
  }
}
