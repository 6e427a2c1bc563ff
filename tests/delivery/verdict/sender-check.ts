import type { Tally } from './faults.ts'
import type { SeenMessage } from './seen-event.ts'
import type { Sends } from './sends.ts'

export interface SenderCheckOptions {
  sends: Sends
  tally: Tally
  /** Who writes, by number. */
  writers: { userId: string; displayName: string }[]
  /** The parts that are away, or were a moment ago. */
  away(): string[]
  /** The parts without which a message may come without its sender, with an error that says so. */
  neededBySenders: string[]
  /** Whether it is a fault when one comes without while none of these is away. */
  sendersMustCome: boolean
}

/** Whether each message came with the sender who sent it: a field of another subgraph than the message's. */
export function createSenderCheck({
  sends,
  tally,
  writers,
  away,
  neededBySenders,
  sendersMustCome,
}: SenderCheckOptions) {
  const without: Record<string, number> = {}
  return {
    check({ text, seq, senderId, sender }: SeenMessage, { hasErrors }: { hasErrors: boolean }, reader: string): void {
      const writer = writers[sends.writerOf(Number(text))]
      const told = `"${text}" as ${seq}, to ${reader}`
      if (writer && writer.userId !== senderId) tally.blame('wrong', `${told}: sent by another`)
      if (sender === undefined) return
      if (sender === null) {
        const parts = away()
        const part = parts.find((each) => neededBySenders.includes(each)) ?? parts[0] ?? 'nothing'
        without[part] = (without[part] ?? 0) + 1
        if (!hasErrors) tally.blame('unresolved', `${told}: no sender, and no error`)
        else if (sendersMustCome && !neededBySenders.includes(part))
          tally.blame('unresolved', `${told}: ${part} was away`)
      } else if (writer && sender.displayName !== writer.displayName)
        tally.blame('wrong', `${told}: its sender is called ${sender.displayName}`)
    },
    /** How many messages came without their sender, by the part that was away. */
    without: () => without,
  }
}
