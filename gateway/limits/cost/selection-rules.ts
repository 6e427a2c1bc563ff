import type { FieldNode } from 'graphql'
import { badInput } from '../../../platform/errors/app-error.ts'
import type { OperationLimits } from '../../config.ts'
import { OverLimit } from '../over-limit.ts'
import type { FieldNames } from './field-names.ts'
import type { TypeChoices } from './type-choices.ts'

/** The rules about what an operation selects. The walk tells of each thing that it comes to; each throws `BAD_USER_INPUT`. */
export interface SelectionRules {
  /** A selection, whatever it is: an empty web of fragments is work as well. */
  selection(): void
  level(depth: number): void
  /** `names` are those that came at the same place of the response so far, `types` what type conditions ask for. */
  field(field: FieldNode, depth: number, names: FieldNames, types: TypeChoices): void
}

/** What of a document was walked so far, also by a walk that ended at a limit. */
export interface Walked {
  /** Selections, with fragments spread out. */
  selections: number
}

export interface SelectionRuleOptions {
  limits: OperationLimits
  isMutation: boolean
  /** Introspection is refused. */
  isProduction: boolean
  /** Counts on: the operations of a document have one limit together. */
  walked: Walked
}

/** How often a field without arguments may come in one object: it gives the same each time. */
export const maxCopies = 2
/**
 * How often a field with selections may come under one name at one place of the response, on whatever types: validation compares each
 * two of them with all that is below them.
 */
export const maxRepeats = 20

export function createSelectionRules(options: SelectionRuleOptions): SelectionRules {
  const { isMutation, isProduction, walked } = options
  const { maxDepth, maxFields, maxAliases, exclusiveMutations } = options.limits
  let [aliases, exclusive] = [0, 0]
  return {
    selection() {
      walked.selections += 1
      const { selections } = walked
      if (selections > maxFields)
        throw new OverLimit('fields', selections, maxFields, 'fields, with fragments spread out')
    },
    level(depth) {
      if (depth > maxDepth) throw new OverLimit('depth', depth, maxDepth, 'levels')
    },
    field({ name: { value: name }, alias, arguments: given, selectionSet }, depth, names, types) {
      if (isProduction && (name === '__schema' || name === '__type')) {
        throw badInput('query', 'must not use introspection here')
      }
      if (alias) aliases += 1
      if (aliases > maxAliases)
        throw new OverLimit('aliases', aliases, maxAliases, 'aliases, with fragments spread out')
      if (isMutation && depth === 1 && exclusiveMutations.includes(name)) exclusive += 1
      if (exclusive > 1) {
        throw new OverLimit('exclusive_mutations', exclusive, 1, `of these mutations: ${exclusiveMutations.join(', ')}`)
      }
      const key = alias?.value ?? name
      const repeats = selectionSet ? names.repeat(key) : 0
      if (repeats > maxRepeats) {
        throw new OverLimit(
          'repeats',
          repeats,
          maxRepeats,
          `selections of ${key} at one place, with fragments spread out`,
        )
      }
      if (given && given.length > 0) return
      const copies = names.add(name, { name: key, types }, maxCopies)
      if (copies > maxCopies) throw new OverLimit('copies', copies, maxCopies, `copies of ${name} in one object`)
    },
  }
}
