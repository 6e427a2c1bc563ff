/** Waits `ms`, or less when the device comes back online. Never rejects. */
export function waitToRetry(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = new AbortController()
    const finish = () => {
      clearTimeout(timer)
      done.abort()
      resolve()
    }
    const timer = setTimeout(finish, ms)
    window.addEventListener('online', finish, { signal: done.signal })
  })
}
