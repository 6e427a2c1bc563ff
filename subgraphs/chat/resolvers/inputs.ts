import { z } from 'zod'
import { badInput } from '../../../platform/errors/app-error.ts'
import { parseInput } from '../../../platform/errors/parse-input.ts'
import { isBlank, lineOfText, pageSize, uuid } from '../../../platform/errors/text-rules.ts'
import { fromCursor } from '../domain/cursor.ts'
import type { Position } from '../domain/position.ts'

const messageText = z
  .string()
  .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')
  .refine((text) => !isBlank(text), 'must not be blank')
  .refine((text) => [...text].length <= 4_000, 'must have at most 4000 characters')

const clientMessageId = z
  .string()
  .regex(/^[\x21-\x7e]{1,64}$/, 'must have 1 to 64 printable ASCII characters without spaces')

const topic = lineOfText(0, 250)
  .transform((text) => text || null)
  .nullish()

export const newRoom = z
  .object({ name: lineOfText(1, 80), kind: z.enum(['PUBLIC', 'PRIVATE']), topic })
  .transform((room) => ({ ...room, topic: room.topic ?? null }))

export const roomChange = z.object({
  roomId: uuid,
  name: lineOfText(1, 80).optional(),
  topic,
})

export const newMember = z.object({
  roomId: uuid,
  userId: uuid,
  role: z.enum(['OWNER', 'MODERATOR', 'MEMBER'], 'cannot be null').default('MEMBER'),
})

export const newMessage = z.object({ roomId: uuid, text: messageText, clientMessageId })
export const messageChange = z.object({ messageId: uuid, text: messageText })

export const parseId = (field: string, id: string): string => parseInput(uuid, id, field)

/** A page of `first` items; 20 without. */
export const parseFirst = (first: number | null | undefined): number => parseInput(pageSize, first ?? 20, 'first')

export const parseSearch = (search: string | null | undefined): string =>
  parseInput(lineOfText(0, 80), search ?? '', 'search')

/** The position in the room that a cursor stands for. */
export function parsePosition(field: string, roomId: string, cursor: string): Position {
  const position = fromCursor(roomId, cursor)
  if (position === undefined) throw badInput(field, 'must be a cursor of this room')
  return position
}

export interface MessagesArguments {
  first?: number | null
  after?: string | null
  last?: number | null
  before?: string | null
}

/** Which messages of a room: from the front with `first`, from the back with `last`; the last 100 without either. */
export function parseMessageRange(roomId: string, { first, after, last, before }: MessagesArguments) {
  if (first != null && last != null) throw badInput('last', 'must not be given together with first')
  const position = (field: string, cursor: string | null | undefined) =>
    cursor == null ? undefined : parsePosition(field, roomId, cursor)
  const take = first != null || (last == null && after != null) ? ('first' as const) : ('last' as const)
  const count = parseInput(pageSize, first ?? last ?? 100, take)
  return { after: position('after', after), before: position('before', before), take, count }
}
