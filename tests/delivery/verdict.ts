/** A send, as its writer knows it. */
export interface SendRecord {
  roomId: string
  text: string
  /** The number that the acknowledgement told; undefined while there was none. */
  seq?: number
}

/** What came to a reader, in the order in which it came. */
export type Arrival =
  | { what: 'message'; seq: number; text: string }
  /** The reader began again from its cursor. */
  | { what: 'resumed' }
  | { what: 'caught up' }
  /** A snapshot instead of what was missed. */
  | { what: 'reset' }

/** A reader of a room. It followed from before the first send until everything had come, or until patience ended. */
export interface ReaderRecord {
  name: string
  roomId: string
  arrivals: Arrival[]
}

export interface Verdict {
  sent: number
  acknowledged: number
  delivered: number
  lost: number
  twice: number
  outOfOrder: number
  /** Numbers that are missing between two messages of a room in which nothing else happens. */
  holes: number
  /** Messages that nobody sent, or under another number than the one acknowledged, or in which readers differ. */
  wrong: number
  resumes: number
  resets: number
  /** Resumed subscriptions that went on without saying that they had caught up. */
  withoutCaughtUp: number
  /** The first of what speaks against the promise. */
  examples: string[]
}

type Fault = 'lost' | 'twice' | 'outOfOrder' | 'holes' | 'wrong' | 'withoutCaughtUp'

/**
 * Holds what readers saw against what writers know: every acknowledged message came to every reader of its room once, in the order of
 * its number, and nothing came that was not sent. It knows nothing but what clients see.
 */
export function judge(sends: SendRecord[], readers: ReaderRecord[]): Verdict {
  const faults: Record<Fault, number> = { lost: 0, twice: 0, outOfOrder: 0, holes: 0, wrong: 0, withoutCaughtUp: 0 }
  const examples: string[] = []
  const blame = (fault: Fault, example: string) => {
    faults[fault] += 1
    if (examples.length < 20) examples.push(`${fault}: ${example}`)
  }
  const rooms = Map.groupBy(sends, ({ roomId }) => roomId)
  const bySeq = new Map<string, string>()
  let delivered = 0

  for (const { name, roomId, arrivals } of readers) {
    const ofRoom = new Map((rooms.get(roomId) ?? []).map((send) => [send.text, send]))
    const seen = new Set<string>()
    let last: number | undefined
    for (const arrival of arrivals) {
      if (arrival.what !== 'message') continue
      const { seq, text } = arrival
      const told = `${text} as ${seq}, to ${name}`
      delivered += 1
      if (seen.has(text)) {
        blame('twice', told)
        continue
      }
      seen.add(text)
      const send = ofRoom.get(text)
      const place = `${roomId} ${seq}`
      if (!send) blame('wrong', `${told}: nobody sent it`)
      else if (send.seq !== undefined && send.seq !== seq) blame('wrong', `${told}: it was acknowledged as ${send.seq}`)
      else if ((bySeq.get(place) ?? text) !== text) blame('wrong', `${told}: another reader got ${bySeq.get(place)}`)
      bySeq.set(place, text)
      if (last !== undefined && seq < last) blame('outOfOrder', `${told}, after ${last}`)
      else if (last !== undefined && seq > last + 1) blame('holes', `${told}, after ${last}`)
      last = Math.max(last ?? 0, seq)
    }
    for (const { text, seq } of ofRoom.values()) {
      if (seq !== undefined && !seen.has(text)) blame('lost', `${text} as ${seq}, to ${name}`)
    }
    for (const gap of resumesWithoutEnd(arrivals)) blame('withoutCaughtUp', `${name}, at arrival ${gap}`)
  }
  const count = (what: Arrival['what']) =>
    readers.reduce((sum, { arrivals }) => sum + arrivals.filter((arrival) => arrival.what === what).length, 0)
  return {
    sent: sends.length,
    acknowledged: sends.filter(({ seq }) => seq !== undefined).length,
    delivered,
    ...faults,
    resumes: count('resumed'),
    resets: count('reset'),
    examples,
  }
}

/** Where a subscription was resumed, lasted, and neither caught up nor began with a snapshot before the next one. */
function resumesWithoutEnd(arrivals: Arrival[]): number[] {
  const resumed = arrivals.flatMap(({ what }, index) => (what === 'resumed' ? [index] : []))
  const last = resumed.at(-1)
  // Only the last one surely lasted: those before may have been cut while they caught up.
  if (last === undefined) return []
  const isSound = arrivals.slice(last).some(({ what }) => what === 'caught up' || what === 'reset')
  return isSound ? [] : [last]
}

/** Whether nothing speaks against the promise. */
export const isKept = ({ lost, twice, outOfOrder, holes, wrong, withoutCaughtUp }: Verdict): boolean =>
  lost + twice + outOfOrder + holes + wrong + withoutCaughtUp === 0
