/** A position in a room's log as clients see it: opaque, and bound to the room. */
export const toCursor = (roomId: string, seq: number) => Buffer.from(`${roomId}:${seq}`).toString('base64url')

/** The position that a cursor of this room stands for; undefined when it is none. */
export function fromCursor(roomId: string, cursor: string): number | undefined {
  const [, room, seq] = /^([0-9a-f-]{36}):(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  return room === roomId && seq !== undefined ? Number(seq) : undefined
}

/** Values that a list is ordered by, as an opaque cursor. */
export const toListCursor = (...values: (string | number)[]) =>
  Buffer.from(JSON.stringify(values)).toString('base64url')

/** The values of a list cursor, one per kind in `kinds`; undefined when it is none. */
export function fromListCursor<K extends ('string' | 'number')[]>(cursor: string, ...kinds: K) {
  let values: unknown
  try {
    values = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
  if (!Array.isArray(values) || values.length !== kinds.length) return undefined
  if (values.some((value, index) => typeof value !== kinds[index])) return undefined
  return values as { [I in keyof K]: K[I] extends 'string' ? string : number }
}
