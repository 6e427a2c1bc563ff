import { type ArgumentNode, type FieldNode, Kind } from 'graphql'
import type { OperationLimits } from '../../config.ts'
import type { FieldCost, ListSize } from './cost-table.ts'

/** The list fields of an object to which the size of the field above applies, and that size. */
export interface SizedFields {
  fields: string[]
  size: number
}

export interface FieldSize {
  /** How many values the field gives. */
  items: number
  /** How many items the page has that it stands for; 0 when it is no page. */
  page: number
}

/** How large the value of a field is at most. `variables` are coerced. */
export function sizeOfField(
  field: FieldNode,
  known: FieldCost | undefined,
  sized: SizedFields | undefined,
  variables: Record<string, unknown>,
  { maxPageSize, assumedListSize }: OperationLimits,
): FieldSize {
  if (!known) return { items: 1, page: 0 }
  if (sized?.fields.includes(field.name.value)) return { items: sized.size, page: 0 }
  const { listSize } = known
  const size = listSize && sliceOf(field, listSize, variables, maxPageSize)
  if (known.isList) return { items: size ?? assumedListSize, page: 0 }
  return { items: 1, page: size ?? 0 }
}

/** The largest size that an argument gives; what is assumed when none does. */
function sliceOf(
  { arguments: given = [] }: FieldNode,
  { slicingArguments, assumedSize }: ListSize,
  variables: Record<string, unknown>,
  maxPageSize: number,
): number {
  const sizes = given
    .filter(({ name }) => slicingArguments.includes(name.value))
    .map((argument) => numberIn(argument, variables))
    .filter((size) => size !== undefined)
  if (sizes.length === 0) return assumedSize ?? maxPageSize
  return Math.min(Math.max(...sizes, 0), maxPageSize)
}

function numberIn({ value }: ArgumentNode, variables: Record<string, unknown>): number | undefined {
  if (value.kind === Kind.INT) return Number(value.value)
  const given = value.kind === Kind.VARIABLE ? variables[value.name.value] : undefined
  return typeof given === 'number' ? given : undefined
}
