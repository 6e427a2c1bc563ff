import { isIP, isIPv6 } from 'node:net'

/** The address as text that can be kept; null for anything else. */
export const clientAddress = (text: string | undefined) => (text && isIP(text) ? text : null)

/**
 * What counts as one address: an IPv4 address, also when it comes mapped into IPv6, or the /64 network of an IPv6 address, which
 * one subscriber has as a whole. Calls without an address count together.
 */
export function addressGroup(ip: string | null): string {
  if (ip === null) return 'unknown'
  if (!isIPv6(ip)) return ip
  const groups = groupsOf(ip)
  const [high = 0, low = 0] = groups.slice(6)
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (isMapped) return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  const network = groups.slice(0, 4).map((group) => group.toString(16))
  return `${network.join(':')}::/64`
}

/** The eight numbers of an IPv6 address. */
function groupsOf(ip: string): number[] {
  // The URL parser knows every notation; it gives lower case, no dotted part, and at most one "::".
  const canonical = new URL(`http://[${ip.split('%')[0]}]`).hostname.slice(1, -1)
  const [before = '', after] = canonical.split('::')
  const numbers = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  const start = numbers(before)
  if (after === undefined) return start
  const end = numbers(after)
  return [...start, ...Array<number>(8 - start.length - end.length).fill(0), ...end]
}
