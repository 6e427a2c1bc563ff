import { rmSync } from 'node:fs'
import { endOwned } from '../../dev/stack/owned-process.ts'
import { takeOwned } from './owned-servers.ts'

/** Ends the servers that the set-up of the run started. */
export default async function tearDown(): Promise<void> {
  const owned = takeOwned()
  if (!owned) return
  await Promise.all(owned.processes.map((each) => endOwned(each)))
  rmSync(owned.folder, { recursive: true, force: true })
}
