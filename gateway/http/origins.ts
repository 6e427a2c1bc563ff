/** Which pages may call: the gateway's own, and those on the list. */
export function createOriginCheck(allowed: string[]) {
  return (origin: string, host: string | undefined): boolean => {
    if (allowed.includes(origin)) return true
    try {
      return new URL(origin).host === host
    } catch {
      return false
    }
  }
}
