import { addressGroup } from '../../platform/http/address-group.ts'
import type { SocketLimits } from '../config.ts'
import type { CountLimit } from '../limits/limit-count.ts'
import { limitRefusal, type ToldLimit } from '../limits/refusals.ts'

/** A WebSocket as these limits see it. */
interface CountedSocket {
  isSignedIn(): boolean
  /** Closes it, because another one needs its place. */
  makeRoom(reason: string): void
}

/** Counts the WebSockets of each address (an IPv6 /64 is one address), and those that nobody has signed in on. */
export interface AddressLimits {
  /**
   * Makes room for one more of this address. Returns why it is refused; undefined when it is not. When nobody has signed in on too many, the
   * oldest of the address that has most of them makes room, unless that is the same address: so nobody who opens many keeps others out.
   */
  makeRoom(clientIp: string): string | undefined
  /** Returns what forgets it. */
  add(clientIp: string, socket: CountedSocket): () => void
  pending(): number
}

export function createAddressLimits(limits: SocketLimits, countLimit: CountLimit): AddressLimits {
  const { socketsPerAddress, pendingSockets } = limits
  const addresses = new Map<string, Set<CountedSocket>>()
  /** Those that nobody has signed in on, with their address; the oldest first. */
  const pending = new Map<CountedSocket, string>()

  /** Signing in is found out here, where it matters. */
  const countPending = () => {
    for (const socket of pending.keys()) if (socket.isSignedIn()) pending.delete(socket)
    return pending.size
  }
  /** Closes the oldest that is pending of the address that has most. Returns whether that is more than this address has. */
  const takeFromFullest = (address: string, reason: string): boolean => {
    const byAddress = Map.groupBy(pending.keys(), (socket) => pending.get(socket))
    const fullest = [...byAddress.values()].reduce((one, other) => (other.length > one.length ? other : one), [])
    const [oldest] = fullest
    if (!oldest || fullest.length <= (byAddress.get(address)?.length ?? 0)) return false
    pending.delete(oldest)
    oldest.makeRoom(reason)
    return true
  }
  return {
    makeRoom(clientIp) {
      const address = addressGroup(clientIp)
      const sockets = addresses.get(address) ?? new Set()
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
      if (countPending() < pendingSockets.total) return undefined
      const reason = refuse('pending_sockets', pendingSockets.total)
      return takeFromFullest(address, reason) ? undefined : reason
    },
    add(clientIp, socket) {
      const address = addressGroup(clientIp)
      const sockets = addresses.get(address) ?? new Set()
      addresses.set(address, sockets.add(socket))
      pending.set(socket, address)
      return () => {
        pending.delete(socket)
        sockets.delete(socket)
        if (sockets.size === 0) addresses.delete(address)
      }
    },
    pending: countPending,
  }
}
