import { addressGroup } from '../../platform/http/address-group.ts'

/** Who takes turns for a caller: each user is one owner, and each address (an IPv6 /64 as a whole) that nobody has signed in at. */
export const ownerOf = ({ userId, clientIp }: { userId?: string; clientIp?: string }): string =>
  userId ? `user ${userId}` : `address ${addressGroup(clientIp ?? null)}`
