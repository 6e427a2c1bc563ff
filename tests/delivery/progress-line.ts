import type { CheckReport } from './report.ts'

/** A line that tells how a run stands, with its rate since the line before. */
export function createProgressLine() {
  let before = { seconds: 0, acknowledged: 0 }
  return (report: CheckReport): string => {
    const { seconds, acknowledged, delivered, faults, kills, checker } = report
    const rate = Math.round((acknowledged - before.acknowledged) / Math.max(1, seconds - before.seconds))
    before = { seconds, acknowledged }
    const found = Object.entries(faults).filter(([, count]) => count > 0)
    const killed = Object.values(kills).flatMap((ways) => Object.values(ways))
    return [
      `${seconds} s: ${acknowledged} acknowledged (${rate}/s)`,
      `${delivered} delivered`,
      `${killed.reduce((sum, count) => sum + count, 0)} kills and pauses`,
      `${checker.megabytes} MB`,
      found.map(([fault, count]) => `${fault} ${count}`).join(', ') || 'no faults',
    ].join('; ')
  }
}
