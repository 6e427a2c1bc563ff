import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Resources } from '../../platform/lifecycle/resources.ts'
import type { Chat } from './chat.ts'
import { type Child, startChild } from './child.ts'
import type { Gateway } from './gateway.ts'
import type { Network } from './network.ts'

/** Parley on the embedded engine, with a gateway and a chat that can be measured apart from all the rest. */
export interface Parley {
  /** Where the gateway is. */
  url: string
  socketUrl: string
  chatUrl: string
  passportKeys: string[]
  gateway: Child<Gateway>
  chat: Child<Chat>
}

/** Starts the gateway in one process, chat with its fan-out in another, and auth and profile in a third. */
export async function startParley(resources: Resources): Promise<Parley> {
  const folder = await temporaryFolder(resources)
  const [network, chat, gateway] = [
    resources.own(startChild<Network>('network')),
    resources.own(startChild<Chat>('chat')),
    resources.own(startChild<Gateway>('gateway')),
  ]
  const { authUrl, profileUrl, passportKeys } = await network.ask('start', join(folder, 'network'))
  const chatUrl = await chat.ask('start', { file: join(folder, 'chat.sqlite'), authUrl, passportKeys })
  const subgraphs = {
    auth: { urls: [authUrl], cookies: ['parley_refresh'] },
    profile: { urls: [profileUrl] },
    chat: { urls: [chatUrl] },
  }
  const url = await gateway.ask('start', { subgraphs, passportKeys })
  return { url, socketUrl: `${url.replace(/^http/, 'ws')}/graphql`, chatUrl, passportKeys, gateway, chat }
}

/** A folder that goes when the resources close. */
export async function temporaryFolder(resources: Resources): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'))
  resources.onClose(() => rm(folder, { recursive: true, force: true }))
  return folder
}
