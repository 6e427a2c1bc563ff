import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { answerParent } from '../../../bench/processes/answer-parent.ts'
import { unlimited } from '../../../bench/processes/parley-settings.ts'
import { type Network, startNetwork } from '../../../dev/network.ts'

let network: Network | undefined

/** The peak of the resident set since `resetPeak`, in bytes; undefined where the system cannot tell (anywhere but on Linux). */
function readPeak(): number | undefined {
  if (process.platform !== 'linux') return undefined
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

function resetPeak(): void {
  // See proc(5): "5" resets the peak of the resident set to what it is now.
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5')
}

let atStart = { cpu: process.cpuUsage(), rss: 0 }

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
    atStart = { cpu: process.cpuUsage(), rss: process.memoryUsage.rss() }
  },
  /** What this process has used since: processor time in milliseconds, and the peak above its memory then, in bytes. */
  endMeasuring() {
    const { user, system } = process.cpuUsage(atStart.cpu)
    const peak = readPeak()
    return { cpu: (user + system) / 1_000, ...(peak !== undefined && { memory: Math.max(0, peak - atStart.rss) }) }
  },
}
export type SystemChild = typeof answers

answerParent(answers, () => network?.stop())
