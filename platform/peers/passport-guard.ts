import { longestPassportAge, type PassportCheck, type PassportRefusal, type Passports } from '../identity/passport.ts'
import type { PauseWatch } from '../lifecycle/pauses.ts'
import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { PeerClocks } from './peer-clocks.ts'

/** Lets other processes of the system in, and accounts for those that it refuses. */
export interface PassportGuard {
  /** Why the request is refused; undefined when it is not. */
  refuses(audience: string, passport: unknown, body: string): PassportRefusal | undefined
  /** As `refuses`, while there is no body yet. A caller that is not refused is accepted only by `refusesBody`, which has to follow. */
  checkHead(audience: string, passport: unknown): PassportCheck
  /** Whether the passport, which `checkHead` did not refuse, was made for another body. */
  refusesBody(head: PassportCheck, passport: unknown, body: Buffer | string): boolean
  /** Why this process is not ready: it refuses every process that calls it. */
  missing(): string[]
}

export interface PassportGuardOptions {
  /** What this process is called. */
  name: string
  passports: Passports
  clocks: PeerClocks
  /** When this process did not run: what waited meanwhile says nothing of a clock. */
  pauses?: Pick<PauseWatch, 'lately'>
  logger: Logger
  metrics?: Metrics
  now?(): number
}

/** How long a call counts for readiness, in milliseconds: gateways call several times within it. */
const recent = 10_000
/** A refusal whose caller is not known is logged this often at most, in milliseconds: anybody can cause it. One of a known caller that comes after so long a time is news. */
const newsAfter = 60_000
const mostCallers = 200
const unknown = 'an unknown caller'

const reasons: Record<Exclude<PassportRefusal, 'missing' | 'late'>, string> = {
  malformed: 'what it carries is no passport',
  key: 'none of the PASSPORT_KEYS here signed its passport: is a key being rotated in the wrong order?',
  audience: 'its passport is made out to another subgraph: do SUBGRAPHS and AUTH_URLS name the right addresses?',
  clock: 'its passport is not of this time',
  body: 'its passport was made for another body: something between the two changes requests',
}

/** A caller and the subgraph that it means to ask: one address may be right for one and wrong for another. */
const pairOf = ({ from = unknown, to = '' }: PassportCheck) => `${from} to ${to}`

/** The same check, unless only the time in which this process did not run, in seconds, made the passport too old: that is no clock's fault. */
function excuse(check: PassportCheck, paused: number): PassportCheck {
  const { refusal, ahead = 0 } = check
  const isLate = refusal === 'clock' && ahead < 0 && paused > 0 && -ahead - paused <= longestPassportAge
  return isLate ? { ...check, refusal: 'late' } : check
}

/** Counts each refusal in `parley_passport_refusals_total`, and logs the first of each caller and reason. */
export function createPassportGuard(options: PassportGuardOptions): PassportGuard {
  const { name, passports, clocks, pauses, logger, metrics, now = () => performance.now() } = options
  const refused = new Map<string, { reason: PassportRefusal; at: number }>()
  const count = metrics?.counter(
    'parley_passport_refusals_total',
    'Requests of other processes that were refused, by reason',
    ['reason'],
  )
  let acceptedAt = Number.NEGATIVE_INFINITY
  let last: { reason: PassportRefusal; at: number } | undefined

  const refuse = (reason: PassportRefusal, { from, to, ahead }: PassportCheck) => {
    count?.add({ reason })
    // What is late is nobody's fault: its caller asks again, and the pause is logged.
    if (reason === 'missing' || reason === 'late') return
    // Anybody can send what is no passport.
    if (reason !== 'malformed') last = { reason, at: now() }
    const caller = from ?? unknown
    const pair = pairOf({ from, to })
    const before = refused.get(pair)
    const isNews = before?.reason !== reason || now() - before.at > newsAfter
    if (from && before) before.at = now()
    if (isNews) {
      if (refused.size >= mostCallers) refused.clear()
      refused.set(pair, { reason, at: now() })
      logger.error(
        { caller, reason, to, ...(ahead !== undefined && { aheadSeconds: ahead }) },
        sentence(caller, reason, { to, ahead }),
      )
    }
  }
  const sentence = (caller: string, reason: keyof typeof reasons, { to = '', ahead = 0 }) => {
    const clock = `${Math.abs(Math.round(ahead))} s ${ahead > 0 ? 'ahead of' : 'behind'} the clock of ${name}`
    const why =
      reason === 'clock'
        ? `the clock of ${caller} is ${clock}`
        : reasons[reason].replace('another subgraph', `another subgraph (${to})`)
    return `${name} refuses the requests of ${caller}: ${why}`
  }
  const accept = ({ from = unknown, to }: PassportCheck) => {
    acceptedAt = now()
    if (refused.delete(pairOf({ from, to })))
      logger.info({ caller: from }, `${name} accepts the requests of ${from} again`)
  }
  const checkHead = (audience: string, passport: unknown) => {
    const paused = pauses?.lately() ?? 0
    const head = excuse(passports.check(audience, passport), paused)
    const { from, ahead, refusal } = head
    if (from !== undefined && ahead !== undefined && paused === 0) clocks.seen(from, ahead)
    if (refusal) refuse(refusal, head)
    return head
  }
  const refusesBody = (head: PassportCheck, passport: unknown, body: Buffer | string) => {
    const isCovered = passports.covers(String(passport), body)
    if (isCovered) accept(head)
    else refuse('body', head)
    return !isCovered
  }
  return {
    refuses(audience, passport, body) {
      const head = checkHead(audience, passport)
      return head.refusal ?? (refusesBody(head, passport, body) ? 'body' : undefined)
    },
    checkHead,
    refusesBody,
    missing() {
      const isRefusing = last && now() - last.at < recent && now() - acceptedAt >= recent
      return isRefusing ? [`whoever calls it: their passports are refused (${last?.reason})`] : []
    },
  }
}
