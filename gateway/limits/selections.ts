import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import { badInput } from '../../platform/errors/app-error.ts'

export interface SelectionLimits {
  maxDepth: number
  maxFields: number
  maxAliases: number
}

/** How often a field without arguments may come in one object: it gives the same each time. */
const maxCopies = 2

/**
 * What an operation selects, with fragments spread out, because that is what runs: its depth, its fields, its aliases, and copies of
 * one field under several aliases. Fragments that circle are refused here: the rule that would name them comes later.
 * Gives the number of root fields.
 */
export function checkSelections(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { maxDepth, maxFields, maxAliases }: SelectionLimits,
): number {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const copies = new Map<string, Set<string>>()
  const roots = new Set<string>()
  let selections = 0
  let aliases = 0

  const note = ({ name, alias, arguments: given }: FieldNode, path: string, type: string, depth: number) => {
    const key = alias?.value ?? name.value
    if (depth === 1) roots.add(key)
    if (alias) aliases += 1
    if (aliases > maxAliases)
      throw badInput('query', `must have at most ${maxAliases} aliases, with fragments spread out`)
    if (given && given.length > 0) return
    const place = `${path} ${type} ${name.value}`
    const keys = copies.get(place) ?? new Set()
    copies.set(place, keys.add(key))
    if (keys.size > maxCopies)
      throw badInput('query', `must select ${name.value} at most ${maxCopies} times in one object`)
  }
  const walk = (set: SelectionSetNode, depth: number, path: string, type: string, spreading: string[]): void => {
    if (depth > maxDepth) throw badInput('query', `must be at most ${maxDepth} levels deep`)
    for (const selection of set.selections) {
      // Spreads count too: an empty web of fragments is work as well.
      selections += 1
      if (selections > maxFields) throw badInput('query', `must select at most ${maxFields} fields`)
      if (selection.kind === Kind.FIELD) {
        note(selection, path, type, depth)
        if (!selection.selectionSet || isIntrospection(selection.name.value)) continue
        walk(
          selection.selectionSet,
          depth + 1,
          `${path}.${selection.alias?.value ?? selection.name.value}`,
          '',
          spreading,
        )
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, depth, path, selection.typeCondition?.name.value ?? type, spreading)
      } else {
        const name = selection.name.value
        if (spreading.includes(name)) throw badInput('query', 'must not have fragments that circle')
        const fragment = fragments.get(name)
        if (fragment) walk(fragment.selectionSet, depth, path, fragment.typeCondition.name.value, [...spreading, name])
      }
    }
  }
  walk(operation.selectionSet, 1, '', '', [])
  return roots.size
}

// The standard introspection query is deeper than any limit worth having; production refuses introspection as a whole.
const isIntrospection = (name: string) => name === '__schema' || name === '__type'
