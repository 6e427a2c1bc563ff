import {
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql'
import { badInput } from '../../platform/errors/app-error.ts'

/**
 * Of these root mutation fields an operation holds at most one, however it is aliased or spread: a guess a request, not sixteen.
 * The operation's fragments must not circle.
 */
export function checkExclusiveMutations(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  exclusive: string[],
): void {
  if (operation.operation !== OperationTypeNode.MUTATION) return
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
  const countIn = ({ selections }: SelectionSetNode): number =>
    selections.reduce((count, selection) => {
      if (selection.kind === Kind.FIELD) return count + Number(exclusive.includes(selection.name.value))
      if (selection.kind === Kind.INLINE_FRAGMENT) return count + countIn(selection.selectionSet)
      const fragment = fragments.find(({ name }) => name.value === selection.name.value)
      return count + (fragment ? countIn(fragment.selectionSet) : 0)
    }, 0)
  if (countIn(operation.selectionSet) > 1) {
    throw badInput('query', `must have at most one of these mutations: ${exclusive.join(', ')}`)
  }
}
