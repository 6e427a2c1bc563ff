import { z } from 'zod'
import { parseInput } from '../../../platform/errors/parse-input.ts'
import { lineOfText, pageSize } from '../../../platform/errors/text-rules.ts'
import type { CreateProfileInput, PreferencesInput, UpdateProfileInput } from '../generated/resolvers.ts'
import type { Appearance, Preferences, UserPage } from '../store/profile-store.ts'
import { parseCursor } from './user-cursor.ts'

const displayName = lineOfText(1, 100)
const statusMessage = lineOfText(0, 255).transform((text) => text || null)

/** An https URL without credentials, as the URL standard writes it. */
const avatarUrl = lineOfText(1, 255)
  .transform((text) => URL.parse(text))
  .refine((url) => url?.protocol === 'https:', 'must be an https URL')
  .refine((url) => !url?.username && !url?.password, 'must not contain credentials')
  .transform((url) => String(url))
  .refine((text) => text.length <= 255, 'must have at most 255 characters')

const locale = lineOfText(1, 35).transform((tag, context) => {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? z.NEVER
  } catch {
    context.addIssue({ code: 'custom', message: 'must be a BCP 47 language tag' })
    return z.NEVER
  }
})

const newAppearance = z.object({
  displayName,
  avatarUrl: avatarUrl.nullish().transform((url) => url ?? null),
  statusMessage: statusMessage.nullish().transform((text) => text ?? null),
})

const changedAppearance = z.object({
  displayName: displayName.optional(),
  avatarUrl: avatarUrl.nullable().optional(),
  statusMessage: statusMessage.nullable().optional(),
})

const notNull = 'must not be null'
const changedPreferences = z.object({
  theme: z.enum(['SYSTEM', 'LIGHT', 'DARK'], notNull).optional(),
  locale: locale.optional(),
  notifications: z.boolean(notNull).optional(),
  readReceipts: z.boolean(notNull).optional(),
})

export const parseNewAppearance = (input: CreateProfileInput): Appearance => parseInput(newAppearance, input)

/** Only what is given; null clears. */
export const parseAppearance = (input: UpdateProfileInput): Partial<Appearance> => parseInput(changedAppearance, input)

/** Only what is given. */
export const parsePreferences = (input: PreferencesInput): Partial<Preferences> => parseInput(changedPreferences, input)

/** A search of blanks searches for nothing: all users. */
export function parseUserPage(input: {
  search?: string | null
  first?: number | null
  after?: string | null
}): UserPage {
  return {
    search: parseInput(lineOfText(0, 100), input.search ?? '', 'search') || undefined,
    after: input.after == null ? undefined : parseCursor(input.after),
    limit: parseInput(pageSize, input.first ?? 20, 'first'),
  }
}
