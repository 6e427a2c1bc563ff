import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import { badInput } from '../../platform/errors/app-error.ts'

/**
 * Depth and number of fields with fragments spread out. Fragments that circle are refused here, because the validation rule that
 * would name them comes later; those that multiply are refused as soon as the count is over the limit.
 */
export function checkDepthAndFields(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { maxDepth, maxFields }: { maxDepth: number; maxFields: number },
): void {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  // Spreads count too: an empty web of fragments is work as well.
  let selections = 0
  const walk = (set: SelectionSetNode, depth: number, spreading: string[]): void => {
    if (depth > maxDepth) throw badInput('query', `must be at most ${maxDepth} levels deep`)
    for (const selection of set.selections) {
      selections += 1
      if (selections > maxFields) throw badInput('query', `must select at most ${maxFields} fields`)
      if (selection.kind === Kind.FIELD) {
        if (selection.selectionSet && !isIntrospection(selection.name.value))
          walk(selection.selectionSet, depth + 1, spreading)
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, depth, spreading)
      } else {
        const name = selection.name.value
        if (spreading.includes(name)) throw badInput('query', 'must not have fragments that circle')
        const fragment = fragments.get(name)
        if (fragment) walk(fragment.selectionSet, depth, [...spreading, name])
      }
    }
  }
  walk(operation.selectionSet, 1, [])
}

// The standard introspection query is deeper than any limit worth having; production refuses introspection as a whole.
const isIntrospection = (name: string) => name === '__schema' || name === '__type'
