import process from 'node:process'
import { answerParent } from '../../../bench/processes/answer-parent.ts'
import { unlimited } from '../../../bench/processes/parley-settings.ts'
import { type Network, startNetwork } from '../../../dev/network.ts'
import { readPeak, resetPeak } from './peak-memory.ts'

let network: Network | undefined

let atStart: { cpu: NodeJS.CpuUsage; peak: number | undefined } = { cpu: process.cpuUsage(), peak: undefined }

const answers = {
  /**
   * Starts the whole of Parley in this process, so that what one request costs anywhere is counted here. Without `budgets` a caller may
   * ask as often as it likes: the limits of a single operation are all that holds it back.
   */
  async start(dataDir: string, budgets: boolean) {
    network = await startNetwork({
      dataDir,
      logLevel: 'silent',
      gateway: { ...(!budgets && { pointsPerMinute: unlimited.pointsPerMinute }) },
      auth: unlimited.auth,
    })
    return network.url
  },
  /** Begins to measure; collects garbage first, so that what is measured is the work in between. */
  beginMeasuring() {
    globalThis.gc?.()
    resetPeak()
    // Where the peak cannot be read this throws: before anything is attacked.
    atStart = { cpu: process.cpuUsage(), peak: readPeak() }
  },
  /** What this process has used since: processor time in milliseconds, and the peak above its memory then, in bytes. */
  endMeasuring() {
    const { user, system } = process.cpuUsage(atStart.cpu)
    const peak = readPeak()
    const memory = peak !== undefined && atStart.peak !== undefined && { memory: Math.max(0, peak - atStart.peak) }
    return { cpu: (user + system) / 1_000, ...memory }
  },
}
export type SystemChild = typeof answers

answerParent(answers, () => network?.stop())
