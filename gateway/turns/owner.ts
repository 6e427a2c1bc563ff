import { addressGroup } from '../../platform/http/address-group.ts'
import type { TurnOwner } from './fair-turns.ts'

/**
 * Who takes turns for a caller: each user is one owner, and so are all at an address who have not signed in. They take turns as one
 * group with everybody else at their address (an IPv6 /64 as a whole): more accounts give nobody more turns.
 */
export const ownerOf = ({ userId, clientIp }: { userId?: string; clientIp: string | undefined }): TurnOwner => ({
  group: `address ${addressGroup(clientIp ?? null)}`,
  name: userId ?? '',
})

/** Who takes turns for a stream that many share: it is nobody's work alone, and a group of its own. */
export const ownerOfStream = (key: string): TurnOwner => ({ group: `stream ${key}`, name: '' })
