import type { ApolloClient } from '@apollo/client'
import { createContext, use } from 'react'
import type { ParleyClient } from '../../client/parley-client.ts'
import { createApolloClient } from './api/client.ts'
import { mutate } from './api/mutate.ts'
import { post } from './api/post.ts'
import { createLiveClient } from './live/live-client.ts'
import { SendMessage } from './sending/documents.ts'
import { createOutbox, type Outbox } from './sending/outbox.ts'
import { waitToRetry } from './sending/wait-to-retry.ts'
import { createSession, type Session } from './session/session.ts'
import { openTabs } from './session/tabs.ts'

export interface Services {
  session: Session
  client: ApolloClient
  live: ParleyClient
  outbox: Outbox
}

export const ServicesContext = createContext<Services | null>(null)

export function useServices(): Services {
  const services = use(ServicesContext)
  if (!services) throw new Error('There is no ServicesContext above this component.')
  return services
}

/** The parts of the page that outlive a component. What they hold of one viewer never reaches the next. */
export function createServices(): Services {
  const session = createSession({ post, tabs: openTabs() })
  const client = createApolloClient(session)
  const live = createLiveClient(session)
  const outbox = createOutbox({
    send: async (input) => (await mutate(client, SendMessage, { input })).sendMessage.message,
    wait: waitToRetry,
  })

  let lastViewer: string | undefined
  session.subscribe(() => {
    const state = session.state()
    const viewer = state.status === 'signed-in' ? state.viewer.userId : undefined
    if (lastViewer !== undefined && viewer !== lastViewer) {
      outbox.clear()
      void live.close()
      void client.clearStore()
    }
    lastViewer = viewer
  })
  return { session, client, live, outbox }
}
