import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Network, type NetworkOptions, startNetwork } from '../dev/network.ts'

/** A system of its own for one test file, on free ports and a folder that goes when it stops. */
export async function startSystem(options: Partial<NetworkOptions> = {}): Promise<Network> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'parley-test-')))
  const network = await startNetwork({
    logLevel: 'silent',
    ...options,
    dataDir,
    gateway: { pointsPerMinute: { ofUser: 1e9, ofAddress: 1e9 }, ...options.gateway },
    auth: {
      bcryptCost: 4,
      limits: {
        loginsPerAddress: 1_000,
        registrationsPerAddress: 1_000,
        failuresPerAccount: 10,
        passwordChangesPerAccount: 1_000,
      },
      ...options.auth,
    },
  })
  return {
    ...network,
    async stop() {
      await network.stop()
      if (!options.dataDir) await rm(dataDir, { recursive: true, force: true })
    },
  }
}
