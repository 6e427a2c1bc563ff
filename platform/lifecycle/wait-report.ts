import type { Logger } from '../logging/logger.ts'

/** Logs what a process that starts waits for, and why: once for each reason, however often it tries. */
export type ReportWait = (reason: string) => void

/** `server` says which one and where, such as `MySQL at db:3306 (MYSQL_URL)`. */
export function createWaitReport(logger: Pick<Logger, 'warn'> | undefined, server: string): ReportWait {
  let last: string | undefined
  return (reason) => {
    if (reason === last) return
    last = reason
    logger?.warn({ reason }, `waiting for ${server}: ${reason}`)
  }
}
