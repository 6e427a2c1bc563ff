import type { OwnedProcess } from '../../dev/stack/owned-process.ts'

/** What the set-up of a test run started, for its end: both run in one process, each from a copy of the modules. */
export interface OwnedServers {
  folder: string
  processes: OwnedProcess[]
}

const place = globalThis as { parleyTestServers?: OwnedServers }

export const keepOwned = (owned: OwnedServers) => {
  place.parleyTestServers = owned
}
export const takeOwned = () => place.parleyTestServers
