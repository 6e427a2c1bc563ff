import { z } from 'zod'

// C0 and C1 controls, and the bidirectional overrides that make a name read as another one.
const controls = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/u

/** Whether nothing of the text can be seen: white space, and what Unicode tells renderers to ignore (a zero-width space, fillers). */
export const isBlank = (text: string) => /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}]*$/u.test(text)

/** One line of text that people see: trimmed, NFC, well-formed, without controls, empty or not blank; `min` to `max` characters. */
export const lineOfText = (min: number, max: number) =>
  z
    .string('must be text')
    .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')
    .transform((text) => text.normalize('NFC').trim())
    .refine((text) => !controls.test(text), 'must not contain control characters')
    .refine((text) => text === '' || !isBlank(text), 'must not be blank')
    .refine((text) => [...text].length >= min, `must have at least ${min} character${min === 1 ? '' : 's'}`)
    .refine((text) => [...text].length <= max, `must have at most ${max} characters`)

/** An id as Parley makes them (a UUID, any case). */
export const uuid = z
  .string('must be a UUID')
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i, 'must be a UUID')
  .transform((id) => id.toLowerCase())

/** How many rows a page has: 1 to 100. */
export const pageSize = z.int('must be a whole number').min(1, 'must be at least 1').max(100, 'must be at most 100')
