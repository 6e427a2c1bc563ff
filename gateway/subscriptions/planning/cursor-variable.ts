import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLInputType,
  Kind,
  type OperationDefinitionNode,
  parseType,
  visit,
} from 'graphql'

/** The one field at the root of a subscription; undefined when it has several, or one that does not always stand. */
export function rootFieldOf(
  operation: OperationDefinitionNode,
  fragments: Record<string, FragmentDefinitionNode>,
): FieldNode | undefined {
  let { selections } = operation.selectionSet
  for (;;) {
    const [selection, ...others] = selections
    if (!selection || others.length > 0 || selection.directives?.length) return undefined
    if (selection.kind === Kind.FIELD) return selection
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments[selection.name.value]
    if (!fragment) return undefined
    selections = fragment.selectionSet.selections
  }
}

/** A name that none of the operation's variables has. */
export function unusedVariable({ variableDefinitions = [] }: OperationDefinitionNode, wanted: string): string {
  const used = new Set(variableDefinitions.map(({ variable }) => variable.name.value))
  let name = wanted
  while (used.has(name)) name += '_'
  return name
}

/** The document with the root field's cursor argument as a variable of its own, and without variables that nothing uses now. */
export function withCursorVariable(options: {
  document: DocumentNode
  operation: OperationDefinitionNode
  field: FieldNode
  cursorArgument: string
  variable: string
  type: GraphQLInputType
}): DocumentNode {
  const { document, operation, field, cursorArgument } = options
  const variable = { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: options.variable } } as const
  const withArgument: FieldNode = {
    ...field,
    arguments: [
      ...(field.arguments ?? []).filter(({ name }) => name.value !== cursorArgument),
      { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: cursorArgument }, value: variable },
    ],
  }
  const changed = visit(document, { Field: (node) => (node === field ? withArgument : undefined) })
  const used = new Set<string>()
  visit(changed, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void used.add(name.value),
  })
  return visit(changed, {
    OperationDefinition(node) {
      if (node.name?.value !== operation.name?.value) return undefined
      const kept = (node.variableDefinitions ?? []).filter((each) => used.has(each.variable.name.value))
      const added = { kind: Kind.VARIABLE_DEFINITION, variable, type: parseType(String(options.type)) } as const
      return { ...node, variableDefinitions: [...kept, added] }
    },
  })
}
