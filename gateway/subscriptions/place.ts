import type { ExecutionResult } from 'graphql'
import { z } from 'zod'
import type { Place } from '../../platform/graphql/resumable.ts'

const place = z.object({
  cursor: z.string().nullable(),
  live: z.boolean(),
  remove: z.array(z.string()).default([]),
})

/** Where the event stands in its stream; undefined when its subgraph does not say, or not in these terms. */
export const placeOf = ({ extensions }: ExecutionResult): Required<Place> | undefined =>
  place.safeParse(extensions?.resumable).data
