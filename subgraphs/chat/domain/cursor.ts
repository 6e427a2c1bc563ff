import { origin, type Position } from './position.ts'

/**
 * A position in a room's log as clients see it: opaque, and bound to the room. It names the event that stands there by number and
 * by id, so it is never taken for another event that got the number after the log went back.
 */
export const toCursor = (roomId: string, { seq, id }: Position) =>
  Buffer.from(`${roomId}:${seq}:${id}`).toString('base64url')

const cursorForm = /^([0-9a-f-]{36}):(?:0:|([1-9]\d{0,14}):([\x21-\x7e]{1,64}))$/

/**
 * The position that a cursor of this room stands for; undefined when it is none. A cursor of a release that did not name the event is
 * none either. Whether the log still has the event is another question (`isInLog`).
 */
export function fromCursor(roomId: string, cursor: string): Position | undefined {
  const [, room, seq, id] = cursorForm.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (room !== roomId) return undefined
  return seq === undefined || id === undefined ? origin : { seq: Number(seq), id }
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
