import type { Variable } from '../../platform/config/env.ts'
import { choice, list } from '../../platform/config/variable-kinds.ts'

/** Whole numbers, parted by commas. */
export const numbers = (meaning: string, fallback: number[]): Variable<number[]> => {
  const items = list(meaning, fallback.join(','))
  return {
    ...items,
    schema: items.schema
      .refine(
        (given) => given.length > 0 && given.every((item) => /^[1-9]\d*$/.test(item)),
        'must be whole numbers from 1',
      )
      .transform((given) => given.map(Number)) as unknown as Variable<number[]>['schema'],
    type: 'whole numbers, parted by commas',
  }
}

/** On what Parley runs. */
export const engine = choice(
  'embedded: one process; servers: separate processes on those of `npm run stack`',
  ['embedded', 'servers'],
  'embedded',
)
