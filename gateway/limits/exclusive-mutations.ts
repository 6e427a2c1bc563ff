import { type DocumentNode, Kind, type OperationDefinitionNode, OperationTypeNode, visit } from 'graphql'
import { badInput } from '../../platform/errors/app-error.ts'

/** Of these root mutation fields an operation holds at most one, however it is aliased: a guess a request, not sixteen. */
export function checkExclusiveMutations(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  exclusive: string[],
): void {
  if (operation.operation !== OperationTypeNode.MUTATION) return
  let found = 0
  visit(document, {
    Field: (field, _, parent, __, ancestors) => {
      const nested = ancestors.some((node) => !Array.isArray(node) && 'kind' in node && node.kind === Kind.FIELD)
      if (parent && !nested && exclusive.includes(field.name.value)) found += 1
    },
  })
  if (found > 1) throw badInput('query', `must have at most one of these mutations: ${exclusive.join(', ')}`)
}
