import process from 'node:process'
import { startNetwork } from '../../../dev/network.ts'
import { run } from '../../../platform/lifecycle/run.ts'
import { authDefaults } from '../../../subgraphs/auth/config.ts'

const most = 1_000_000_000

/** What `npm start` runs, for the checker: with cheap sign-ins, long tokens, and no limits on how much is asked. */
await run(async () => {
  const network = await startNetwork({
    port: Number(process.env.PORT),
    dataDir: process.env.DATA_DIR ?? '',
    gateway: { pointsPerMinute: { ofUser: most, ofAddress: most } },
    auth: {
      accessTokenLifetime: 86_400,
      bcryptCost: 4,
      limits: { ...authDefaults.limits, loginsPerAddress: most, registrationsPerAddress: most },
    },
  })
  process.stdout.write(`parley is ready at ${network.url}\n`)
  return network
})
