import { createHash } from 'node:crypto'
import {
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Graph } from '../../graph/graph.ts'

export interface KeyedOperation {
  graph: Graph
  operation: OperationDefinitionNode
  fragments: Record<string, FragmentDefinitionNode>
  /** As the operation declares them. */
  variables: Record<string, unknown>
  /** The argument of the root field that does not count: where the subscription goes on. None of a field that cannot be resumed. */
  cursorArgument: string | undefined
}

/** What a subscription asks for. */
export interface OperationIdentity {
  /** What it follows: the root field with its arguments. */
  source: string
  /** The same text for operations that ask for the same of it. */
  key: string
  /** Whether the result is the same whoever asks. */
  isShareable: boolean
}

type Composite = { name: string; getFields?(): ReturnType<GraphQLObjectType['getFields']> }

/**
 * Equal for operations that ask for the same: neither the order of fields and arguments, nor names of variables and fragments, nor whether a
 * value is a variable or a literal matters. Undefined when the schema has no subscriptions.
 */
export function identityOf(options: KeyedOperation): OperationIdentity | undefined {
  const { graph, operation, fragments, variables, cursorArgument } = options
  const { schema, marks } = graph
  let isShareable = true
  let source = ''

  const selectionsOf = ({ selections }: SelectionSetNode, type: Composite, isRoot = false): string[] =>
    selections.filter(isIncluded).flatMap((selection) => {
      // What it means for the result is known to its subgraph alone.
      if (selection.directives?.some(isUnknown)) isShareable = false
      if (selection.kind === Kind.FIELD) return [fieldText(selection, type, isRoot)]
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments[selection.name.value]
      if (!fragment) return []
      const on = fragment.typeCondition?.name.value ?? type.name
      const inner = selectionsOf(fragment.selectionSet, (schema.getType(on) as Composite | undefined) ?? type, isRoot)
      return on === type.name ? inner : [`...${on}${textOf(inner)}`]
    })
  const fieldText = (node: FieldNode, type: Composite, isRoot: boolean): string => {
    const name = node.name.value
    const label = node.alias ? `${node.alias.value}:${name}` : name
    if (dependsOnViewer(type, name)) isShareable = false
    const field = type.getFields?.()[name]
    if (!field) return label
    const values = Object.entries(getArgumentValues(field, node, variables))
      .filter(([argument]) => !(isRoot && argument === cursorArgument))
      .map(([argument, value]) => `${argument}:${stableJson(value)}`)
    const named = getNamedType(field.type)
    const inner = node.selectionSet && isCompositeType(named) ? textOf(selectionsOf(node.selectionSet, named)) : ''
    const given = `(${values.toSorted()})`
    if (isRoot) source = name + given
    return label + given + inner
  }
  const dependsOnViewer = (type: Composite, field: string): boolean => {
    if (marks.isViewerDependent(type.name, field)) return true
    const declared = schema.getType(type.name)
    const kin = isInterfaceType(declared)
      ? schema.getPossibleTypes(declared)
      : isObjectType(declared)
        ? declared.getInterfaces()
        : []
    return kin.some(({ name }) => marks.isViewerDependent(name, field))
  }
  const isIncluded = (node: SelectionNode) =>
    getDirectiveValues(GraphQLSkipDirective, node, variables)?.if !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, variables)?.if !== false

  const root = schema.getSubscriptionType()
  if (!isObjectType(root)) return undefined
  const key = hashOf(textOf(selectionsOf(operation.selectionSet, root, true)))
  return { source: hashOf(source), key, isShareable }
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('base64')

const textOf = (selections: string[]) => `{${[...new Set(selections)].toSorted().join(' ')}}`

const isUnknown = ({ name }: DirectiveNode) =>
  name.value !== GraphQLSkipDirective.name && name.value !== GraphQLIncludeDirective.name

/** JSON with the fields of every object in one order. */
const stableJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  )
