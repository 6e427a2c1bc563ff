import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { AccessTokenRules } from '../identity/access-token.ts'
import { type Passports, passportHeader, toleratedSkew } from '../identity/passport.ts'
import type { Closable } from '../lifecycle/resources.ts'
import type { Logger } from '../logging/logger.ts'
import type { PeerClocks } from './peer-clocks.ts'
import { peerPath } from './peer-route.ts'
import type { RefusalReport } from './refusal-report.ts'

/** Asks other processes again and again whether they take this one's requests, and what time it is there. */
export interface PeerWatch extends Closable {
  /** The peers of which every replica that answers refuses this process, and why. Before the first round: that it is not known. */
  refusingPeers(): string[]
  /** By how many seconds the peer's clocks are ahead of this one: the least of its replicas, 30 at most either way. 0 while unknown. */
  ahead(peer: string): number
}

/** The replicas of a peer, as one setting names them. */
export interface PeerPlaces {
  peer: string
  urls: string[]
  /** What they are called where they are missing; the peer's name unless it is given. */
  title?: string
}

export interface PeerWatchOptions {
  /** A peer may come again, where another setting names other replicas of it: each of these has to work. */
  peers: PeerPlaces[]
  passports: Passports
  clocks: PeerClocks
  refusals: RefusalReport
  /** How this process checks access tokens: a peer that signs others is named. */
  tokens: AccessTokenRules
  logger: Logger
  /** Milliseconds from one question to a replica to the next, give or take a fifth. */
  every?: number
}

type State = 'unknown' | 'away' | 'accepting' | { refusal: string }

interface Replica {
  peer: string
  url: string
  state: State
  /** Seconds. */
  ahead?: number
}

const deadline = 1_500
/** A reading that took longer, in milliseconds, says little about a clock. */
const slowest = 1_000

const answerShape = z.object({
  time: z.number(),
  refusal: z.string().optional(),
  tokens: z.object({ issuer: z.string(), audience: z.string() }).optional(),
})

/** Opens without waiting for anybody. */
export function openPeerWatch(options: PeerWatchOptions): PeerWatch {
  const { peers, every = 2_000, clocks, refusals } = options
  const known = new Map<string, Replica>()
  const groups = peers.map(({ peer, title = peer, urls }) => ({
    title,
    replicas: urls.map((given) => {
      const url = new URL(given).origin
      const replica = known.get(`${peer} ${url}`) ?? { peer, url, state: 'unknown' }
      known.set(`${peer} ${url}`, replica)
      return replica
    }),
  }))
  const replicas = [...known.values()]
  const stopped = new AbortController()

  const look = async (replica: Replica) => {
    const { state, ahead } = await ask(replica, options, stopped.signal)
    if (stopped.signal.aborted) return
    replica.state = state
    replica.ahead = ahead
    const label = `${replica.peer} ${new URL(replica.url).host}`
    if (ahead !== undefined) clocks.measured(label, ahead)
    if (state === 'away') clocks.forget(label)
    if (typeof state === 'object') refusals.refused(replica.peer, replica.url, state.refusal)
    else if (state === 'accepting') refusals.accepted(replica.peer, replica.url)
  }
  const watch = async (replica: Replica) => {
    while (!stopped.signal.aborted) {
      await look(replica)
      const delay = every * (0.8 + Math.random() * 0.4)
      await pause(delay, undefined, { signal: stopped.signal, ref: false }).catch(() => {})
    }
  }
  const watching = replicas.map(watch)
  const of = (peer: string) => replicas.filter((replica) => replica.peer === peer)
  return {
    refusingPeers: () => groups.flatMap((group) => problemOf(group.title, group.replicas)),
    ahead(peer) {
      const known = of(peer).flatMap(({ ahead }) => (ahead === undefined ? [] : [ahead]))
      return known.length === 0 ? 0 : Math.max(-toleratedSkew, Math.min(toleratedSkew, ...known))
    },
    async close() {
      stopped.abort()
      await Promise.all(watching)
    },
  }
}

/** One bad replica of several, or a peer that is away, is no reason to send work elsewhere. */
function problemOf(peer: string, replicas: Replica[]): string[] {
  const states = replicas.map(({ state }) => state)
  if (states.includes('unknown')) return [`${peer}: not asked yet`]
  const answering = states.filter((state) => state !== 'away')
  const refusing = answering.filter((state) => typeof state === 'object')
  if (refusing.length === 0 || refusing.length < answering.length) return []
  return [`${peer}: it refuses this process (${[...new Set(refusing.map(({ refusal }) => refusal))].join(', ')})`]
}

async function ask(
  { peer, url }: Replica,
  { passports, tokens, logger }: PeerWatchOptions,
  signal: AbortSignal,
): Promise<{ state: State; ahead?: number }> {
  const asked = { at: Date.now(), clock: performance.now() }
  try {
    const response = await fetch(new URL(peerPath, url), {
      headers: { [passportHeader]: passports.issue(peer, '') },
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadline)]),
      redirect: 'error',
    })
    const took = performance.now() - asked.clock
    // A subgraph of another make has no such page: nothing is known of it, and nothing speaks against it.
    if (response.status === 404) {
      await response.body?.cancel()
      return { state: 'accepting' }
    }
    const answer = answerShape.safeParse(await response.json())
    if (!answer.success) return { state: 'away' }
    const { time, refusal, tokens: signed } = answer.data
    const ahead = took < slowest ? { ahead: (time - (asked.at + took / 2)) / 1_000 } : {}
    // It did not run, and is asked again.
    if (refusal === 'late') return { state: 'away' }
    // The clock of another process says nothing of this peer's.
    if (refusal === 'audience') return { state: { refusal } }
    if (refusal) return { state: { refusal }, ...ahead }
    const differs = signed && (signed.issuer !== tokens.issuer || signed.audience !== tokens.audience)
    if (!differs) return { state: 'accepting', ...ahead }
    const setting = signed.issuer === tokens.issuer ? 'TOKEN_AUDIENCE' : 'TOKEN_ISSUER'
    return { state: { refusal: `${setting} differs` }, ...ahead }
  } catch (error) {
    logger.debug({ err: error, peer, url }, 'a peer does not tell whether it takes requests')
    return { state: 'away' }
  }
}
