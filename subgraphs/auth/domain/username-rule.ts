import { z } from 'zod'

/**
 * A username in lower case. ASCII only, so that no two of them look or compare alike. The check comes before the lower-casing,
 * which would turn the Kelvin sign into a `k`.
 */
export const username = z
  .string('must be text')
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{2,49}$/,
    'must have 3 to 50 characters of a-z, 0-9, "_", "." and "-", and start with a letter or digit',
  )
  .transform((text) => text.toLowerCase())
