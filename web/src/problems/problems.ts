import { textOf } from '../api/api-error.ts'

/** What went wrong without anybody having shown it; the last one counts. */
export interface Problems {
  last(): string | undefined
  /** Calls `listener` whenever the last problem changes; gives what stops it. */
  subscribe(listener: () => void): () => void
  report(failure: unknown): void
  dismiss(): void
}

export function createProblems(): Problems {
  let last: string | undefined
  const listeners = new Set<() => void>()
  const become = (next: string | undefined) => {
    last = next
    for (const listener of listeners) listener()
  }
  return {
    last: () => last,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    report: (failure) => become(textOf(failure)),
    dismiss: () => become(undefined),
  }
}

/** Reports every error of the page that nothing catches. */
export function watchPage(page: Window, problems: Problems): void {
  page.addEventListener('error', ({ error }) => {
    // Without an error it is none of this page's: a notice of the browser, or a script of an extension.
    if (error) problems.report(error)
  })
  page.addEventListener('unhandledrejection', ({ reason }) => problems.report(reason))
}
