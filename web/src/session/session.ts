import { ApiError, toApiError } from '../api/api-error.ts'
import type { Post } from '../api/post.ts'
import type { LoginInput, RegisterInput, SignedInPartsFragment } from '../generated/graphql.ts'
import { Login, Logout, Refresh, Register } from './documents.ts'
import type { Tabs } from './tabs.ts'

export type Viewer = { readonly userId: string; readonly user: SignedInPartsFragment['user'] }

export type SessionState =
  | { readonly status: 'starting' }
  | { readonly status: 'unreachable' }
  | { readonly status: 'signed-out'; readonly note?: string }
  | { readonly status: 'signed-in'; readonly viewer: Viewer }

export interface Session {
  state(): SessionState
  /** Calls `listener` on every change of state or token; gives what stops it. */
  subscribe(listener: () => void): () => void
  /** Takes up the session of the refresh cookie, or ends at the sign-in page. */
  start(): Promise<void>
  signIn(input: LoginInput): Promise<void>
  register(input: RegisterInput): Promise<void>
  signOut(): Promise<void>
  /** The session is over by the server's word; `note` tells the user why. */
  end(note: string): void
  accessToken(): string | undefined
  /** An access token that holds for the next moments. Throws `ApiError`. */
  freshToken(): Promise<string>
  /** A new access token; callers at the same time share one request. Throws `ApiError`. */
  refresh(): Promise<string>
}

export interface SessionParts {
  post: Post
  tabs: Tabs
  now?: () => number
  /** Runs `task` after `ms`; gives what cancels it. */
  schedule?: (task: () => void, ms: number) => () => void
}

const refreshAhead = 30_000
const tryAgainAfter = 3_000
const signedOutElsewhere = 'You have been signed out. Sign in again to go on.'

/**
 * The viewer's session: the access token is kept in memory only, the refresh token is the server's cookie. The tabs of a browser share the
 * cookie, so they change it in turn, and one refreshes for all.
 */
export function createSession({ post, tabs, now = Date.now, schedule = scheduleTimeout }: SessionParts): Session {
  let state: SessionState = { status: 'starting' }
  let token: { value: string; refreshAt: number } | undefined
  let refreshing: Promise<string> | undefined
  let cancelRefresh = () => {}
  // Answers that were asked for before the last sign-in, sign-out or end do not count any more.
  let era = 0
  const listeners = new Set<() => void>()

  const become = (next: SessionState) => {
    state = next
    for (const listener of listeners) listener()
  }

  const accept = (signedIn: SignedInPartsFragment) => {
    // Both times are the server's, so a wrong clock on this device does not matter.
    const lifetime = Date.parse(signedIn.accessTokenExpiresAt) - Date.parse(signedIn.session.lastSeenAt)
    const refreshIn = Math.max(lifetime - refreshAhead, lifetime / 2)
    token = { value: signedIn.accessToken, refreshAt: now() + refreshIn }
    refreshLater(refreshIn)
    const known = state.status === 'signed-in' && state.viewer.userId === signedIn.userId ? state.viewer.user : null
    become({ status: 'signed-in', viewer: { userId: signedIn.userId, user: signedIn.user ?? known } })
  }

  const leave = (note?: string) => {
    era++
    cancelRefresh()
    token = undefined
    become({ status: 'signed-out', note })
  }

  const refreshLater = (ms: number) => {
    cancelRefresh()
    cancelRefresh = schedule(() => {
      refresh().catch(() => {
        if (state.status === 'signed-in') refreshLater(tryAgainAfter)
      })
    }, ms)
  }

  const requestRefresh = async (startedIn: number) => {
    const orOver = () => {
      if (startedIn !== era) throw new ApiError('This session is over.', 'UNAUTHENTICATED')
    }
    try {
      orOver()
      const { refresh: signedIn } = await post(Refresh, {})
      orOver()
      tabs.tell(signedIn)
      accept(signedIn)
      return signedIn.accessToken
    } catch (failure) {
      const error = toApiError(failure)
      const refused = error.code === 'UNAUTHENTICATED' || error.code === 'BAD_USER_INPUT'
      // Who is signed out already keeps the note that tells why.
      const isNews = startedIn === era && state.status !== 'signed-out'
      if (refused && isNews) leave(state.status === 'signed-in' ? signedOutElsewhere : undefined)
      throw error
    }
  }

  const refreshInTurn = () => {
    const startedIn = era
    const replaced = token
    // Another tab may have refreshed, and told this one, while it waited for its turn.
    return tabs.inTurn(async () => (token && token !== replaced ? token.value : requestRefresh(startedIn)))
  }

  const refresh = () => {
    refreshing ??= refreshInTurn().finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  tabs.onTold((signedIn) => {
    const isMine =
      state.status === 'signed-in' ? state.viewer.userId === signedIn.userId : state.status !== 'signed-out'
    if (isMine) accept(signedIn)
  })

  const open = (signedIn: SignedInPartsFragment) => {
    era++
    accept(signedIn)
  }

  const start = async (): Promise<void> => {
    try {
      await refresh()
    } catch {
      if (state.status === 'signed-out') return
      become({ status: 'unreachable' })
      schedule(start, tryAgainAfter)
    }
  }

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    start,
    signIn: (input) => tabs.inTurn(async () => open((await post(Login, { input })).login)),
    register: (input) => tabs.inTurn(async () => open((await post(Register, { input })).register)),
    async signOut() {
      // A session that the server has already ended is as good as signed out.
      await post(Logout, {}, await freshToken()).catch((failure: unknown) => {
        if (toApiError(failure).code !== 'UNAUTHENTICATED') throw failure
      })
      leave()
    },
    end: leave,
    accessToken: () => token?.value,
    freshToken,
    refresh,
  }

  async function freshToken() {
    return token && now() < token.refreshAt ? token.value : refresh()
  }
}

function scheduleTimeout(task: () => void, ms: number) {
  const timer = setTimeout(task, ms)
  return () => clearTimeout(timer)
}
