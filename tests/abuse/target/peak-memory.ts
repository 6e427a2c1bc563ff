import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'

/** The peak of the resident set since `resetPeak`, in bytes; undefined where the system cannot tell (anywhere but on Linux). */
export const readPeak = (): number | undefined =>
  process.platform === 'linux' ? peakIn(readFileSync('/proc/self/status', 'utf8')) : undefined

export function resetPeak(): void {
  // See proc(5): "5" resets the peak of the resident set to what it is now.
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5')
}

/** The same in a text of /proc/self/status. Throws when the text has none, as in some sandboxes: nothing would be over the limit. */
export function peakIn(status: string): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  if (kilobytes === undefined) throw new Error('/proc/self/status has no VmHWM: memory cannot be measured here')
  return Number(kilobytes) * 1024
}
