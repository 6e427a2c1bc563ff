/** A token bucket: `burst` at once, then `perSecond`. Returns whether this many (1 by default) may pass now. */
export function createFrameRate(
  perSecond: number,
  burst: number,
  now: () => number = () => performance.now(),
): (count?: number) => boolean {
  let tokens = burst
  let last = now()
  return (count = 1) => {
    const time = now()
    tokens = Math.min(burst, tokens + ((time - last) / 1000) * perSecond)
    last = time
    if (tokens < count) return false
    tokens -= count
    return true
  }
}
