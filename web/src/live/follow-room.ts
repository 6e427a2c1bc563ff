import { print } from 'graphql'
import type { Client } from 'graphql-ws'
import type { ApiError } from '../api/api-error.ts'
import type { RoomEventsSubscription } from '../generated/graphql.ts'
import type { Session } from '../session/session.ts'
import { afterLoss, type Loss, lossFrom } from './after-loss.ts'
import { backoff } from './backoff.ts'
import { type RoomEvent, RoomEvents } from './room-events.ts'

export type LiveStatus = 'connecting' | 'live' | 'reconnecting' | 'ended'

export interface FollowRoom {
  roomId: string
  /** It must not retry by itself: it would send the cursor of its first try again. */
  client: Pick<Client, 'subscribe' | 'on'>
  session: Pick<Session, 'refresh' | 'end'>
  wait: (ms: number, signal: AbortSignal) => Promise<void>
  onEvent: (event: RoomEvent) => void
  /** `ended` comes with the reason, and nothing comes after it. */
  onStatus: (status: LiveStatus, reason?: ApiError) => void
}

const query = print(RoomEvents)

/**
 * Follows a room's events through every loss of connection: each new subscription resumes after the last cursor seen.
 * Gives what stops it.
 */
export function followRoom({ roomId, client, session, wait, onEvent, onStatus }: FollowRoom): () => void {
  const stopping = new AbortController()
  const { signal } = stopping
  let cursor: string | null = null
  let losses = 0

  const receive = (event: RoomEvent) => {
    cursor = event.cursor ?? cursor
    onEvent(event)
    if (event.__typename !== 'RoomSnapshot' && event.__typename !== 'CaughtUp') return
    losses = 0
    onStatus('live')
  }

  const followUntilLost = () =>
    new Promise<Loss>((resolve) => {
      const over = new AbortController()
      const endWith = (loss: Loss) => {
        over.abort()
        resolve(loss)
      }
      const unsubscribe = client.subscribe<RoomEventsSubscription>(
        { query, variables: { roomId, after: cursor } },
        {
          next({ data, errors }) {
            if (over.signal.aborted) return
            if (data?.roomEvents) receive(data.roomEvents)
            else endWith(lossFrom(errors))
          },
          error: (failure) => endWith(lossFrom(failure)),
          // Either the membership ended or the server is going away: subscribing again tells which.
          complete: () => endWith({ kind: 'lost' }),
        },
      )
      // The sink alone would miss a close with code 1000, after which graphql-ws subscribes again on its own.
      const forgetClosed = client.on('closed', (event) => endWith(lossFrom(event)))
      const stop = () => endWith({ kind: 'lost' })
      signal.addEventListener('abort', stop, { signal: over.signal })
      over.signal.addEventListener('abort', () => {
        forgetClosed()
        unsubscribe()
      })
    })

  const follow = async () => {
    onStatus('connecting')
    while (!signal.aborted) {
      const loss = await followUntilLost()
      if (signal.aborted) return
      const next = afterLoss(loss)
      if (next === 'sign-out') return session.end('You have been signed out. Sign in again to go on.')
      if (next === 'give-up') return onStatus('ended', loss.kind === 'refused' ? loss.error : undefined)
      onStatus('reconnecting')
      // A refusal ends the session; without an answer the next try comes here again.
      if (next === 'refresh') await session.refresh().catch(() => {})
      await wait(backoff(losses++, next === 'resume-slowly' ? 'slow' : 'normal'), signal)
    }
  }

  void follow()
  return () => stopping.abort()
}
