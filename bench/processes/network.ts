import { type Network as System, startNetwork } from '../../dev/network.ts'
import { defaultSocketLimits } from '../../gateway/config.ts'
import { answerParent } from './answer-parent.ts'
import { unlimited } from './parley-settings.ts'

let network: System | undefined

const answers = {
  /** Starts the whole of Parley on the embedded engine, as `npm start` does. */
  async start(dataDir: string) {
    network = await startNetwork({
      dataDir,
      logLevel: 'error',
      gateway: {
        pointsPerMinute: unlimited.pointsPerMinute,
        sockets: { ...defaultSocketLimits, ...unlimited.sockets },
      },
      auth: unlimited.auth,
    })
    const { auth, profile } = network.subgraphs
    return { url: network.url, authUrl: auth.url, profileUrl: profile.url, passportKeys: network.passportKeys }
  },
  /** The same under the limits that hold by default; only passwords are cheap. */
  async startLimited(dataDir: string) {
    network = await startNetwork({ dataDir, logLevel: 'error', auth: { bcryptCost: 4 } })
    return { url: network.url }
  },
}
export type Network = typeof answers

answerParent(answers, () => network?.stop())
