import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { badInput } from '../../platform/errors/app-error.ts'

/**
 * Pages within pages multiply: together they may have room for `maxNodes` nodes. A page is what is asked for its `edges`; one that
 * does not say how many counts as full. The operation's fragments must not circle.
 */
export function checkNodes(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
  { maxNodes, maxPageSize }: { maxNodes: number; maxPageSize: number },
): void {
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
  const spread = (set: SelectionSetNode) => set.selections.flatMap((selection) => fieldsOf(selection, fragments))
  const sizeOf = ({ arguments: given = [] }: FieldNode) => {
    const argument = given.find(({ name }) => name.value === 'first' || name.value === 'last')
    const size = argument && numberIn(argument, operation, variables)
    return size === undefined ? maxPageSize : Math.min(Math.max(size, 0), maxPageSize)
  }
  let nodes = 0
  const walk = (set: SelectionSetNode, parents: number): void => {
    for (const field of spread(set)) {
      if (!field.selectionSet) continue
      const isPage = spread(field.selectionSet).some(({ name }) => name.value === 'edges')
      const held = isPage ? parents * sizeOf(field) : parents
      if (isPage) nodes += held
      if (nodes > maxNodes) throw badInput('query', `must ask for at most ${maxNodes} nodes: ask for smaller pages`)
      walk(field.selectionSet, held)
    }
  }
  walk(operation.selectionSet, 1)
}

function fieldsOf(selection: SelectionNode, fragments: FragmentDefinitionNode[]): FieldNode[] {
  if (selection.kind === Kind.FIELD) return [selection]
  const set =
    selection.kind === Kind.INLINE_FRAGMENT
      ? selection.selectionSet
      : fragments.find(({ name }) => name.value === selection.name.value)?.selectionSet
  return set?.selections.flatMap((inner) => fieldsOf(inner, fragments)) ?? []
}

/** The number that an argument stands for, as a literal, a variable or a variable's default. */
function numberIn({ value }: ArgumentNode, operation: OperationDefinitionNode, variables: Record<string, unknown>) {
  if (value.kind === Kind.INT) return Number(value.value)
  if (value.kind !== Kind.VARIABLE) return undefined
  const given = Object.hasOwn(variables, value.name.value) ? variables[value.name.value] : undefined
  if (typeof given === 'number' && !Number.isNaN(given)) return given
  const definition = operation.variableDefinitions?.find(({ variable }) => variable.name.value === value.name.value)
  return given === undefined && definition?.defaultValue?.kind === Kind.INT
    ? Number(definition.defaultValue.value)
    : undefined
}
