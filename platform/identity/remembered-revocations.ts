import { z } from 'zod'
import { unavailable } from '../errors/app-error.ts'
import type { Logger } from '../logging/logger.ts'
import { type Passports, passportHeader } from './passport.ts'

/** Where whoever issues tokens answers which sessions were revoked, and what a passport for that is made out to. */
export const revokedSessionsPath = '/revoked-sessions'
export const revokedSessionsAudience = 'revoked-sessions'

const patience = 2_000
const keptFor = 1_000
const answer = z.array(z.string())

/**
 * What auth remembers of revoked sessions, from whichever of its replicas answers. Throws `UNAVAILABLE` when none does: without
 * anybody who can tell, no token is accepted.
 */
export function askRevokedSessions(options: { urls: string[]; passports: Passports; logger: Logger }) {
  const { passports, logger } = options
  let urls = options.urls
  const ask = async (url: string) => {
    const response = await fetch(new URL(revokedSessionsPath, url), {
      headers: { [passportHeader]: passports.issue(revokedSessionsAudience, '') },
      signal: AbortSignal.timeout(patience),
    })
    return new Set(answer.parse(await response.json()))
  }
  return keepBriefly(async () => {
    for (const url of urls) {
      try {
        const found = await ask(url)
        // The one that answers is asked first from now on: another may be frozen.
        urls = [url, ...urls.filter((each) => each !== url)]
        return found
      } catch (error) {
        logger.debug({ err: error }, 'a replica of auth does not tell which sessions were revoked')
      }
    }
    throw unavailable('Whether sessions were revoked cannot be told right now.')
  })
}

/** The load's result, asked for once at a time and kept for a second. */
export function keepBriefly<T>(load: () => Promise<T>): () => Promise<T> {
  let kept: { result: Promise<T>; until: number } | undefined
  return () => {
    if (kept && performance.now() < kept.until) return kept.result
    const result = load()
    const mine = { result, until: Number.POSITIVE_INFINITY }
    kept = mine
    const keepUntil = (until: number) => {
      mine.until = until
    }
    result.then(
      () => keepUntil(performance.now() + keptFor),
      () => keepUntil(0),
    )
    return result
  }
}
