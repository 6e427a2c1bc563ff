import { addressGroup } from '../../platform/http/address-group.ts'
import type { SocketLimits } from '../config.ts'
import type { CountLimit } from '../limits/limit-count.ts'
import { limitRefusal, type ToldLimit } from '../limits/refusals.ts'

/** A WebSocket as these limits see it. */
interface CountedSocket {
  isSignedIn(): boolean
}

/** Counts the WebSockets of each address (an IPv6 /64 is one address), and those that nobody has signed in on. */
export interface AddressLimits {
  /** Why one more of this address is refused; undefined when it is not. */
  refusal(clientIp: string): string | undefined
  /** Returns what forgets it. */
  add(clientIp: string, socket: CountedSocket): () => void
  pending(): number
}

export function createAddressLimits(limits: SocketLimits, countLimit: CountLimit): AddressLimits {
  const { socketsPerAddress, pendingSockets } = limits
  const addresses = new Map<string, Set<CountedSocket>>()
  const pending = new Set<CountedSocket>()

  /** Signing in is found out here, where it matters. */
  const countPending = () => {
    for (const socket of pending) if (socket.isSignedIn()) pending.delete(socket)
    return pending.size
  }
  return {
    refusal(clientIp) {
      const sockets = addresses.get(addressGroup(clientIp)) ?? new Set()
      const refuse = (limit: ToldLimit, allowed: number) => {
        countLimit(limit)
        return limitRefusal(limit, allowed + 1, allowed).message
      }
      if (sockets.size >= socketsPerAddress) {
        return refuse('sockets_per_address', socketsPerAddress)
      }
      const pendingHere = sockets.values().filter((socket) => !socket.isSignedIn())
      if (pendingHere.toArray().length >= pendingSockets.perAddress) {
        return refuse('pending_sockets_per_address', pendingSockets.perAddress)
      }
      if (countPending() >= pendingSockets.total) {
        return refuse('pending_sockets', pendingSockets.total)
      }
      return undefined
    },
    add(clientIp, socket) {
      const address = addressGroup(clientIp)
      const sockets = addresses.get(address) ?? new Set()
      addresses.set(address, sockets.add(socket))
      pending.add(socket)
      return () => {
        pending.delete(socket)
        sockets.delete(socket)
        if (sockets.size === 0) addresses.delete(address)
      }
    },
    pending: countPending,
  }
}
