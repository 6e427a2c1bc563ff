import { type DocumentNode, Kind, visit } from 'graphql'

/** A document whose variables no part of the execution takes for its own, and the variables under their names there. */
export interface OwnVariables {
  document: DocumentNode
  /** The values of the client's variables by the names of that document. */
  variablesOf(given: Record<string, unknown>): Record<string, unknown>
}

/**
 * The planner asks for entities with a variable of this name, and the execution refuses an operation that has one too. The names of what
 * every object inherits read as values that no client gave.
 */
const isReserved = (name: string) => name === 'representations' || name in Object.prototype

/** Gives variables with reserved names another one. Undefined for a document that has none. */
export function withOwnVariables(document: DocumentNode): OwnVariables | undefined {
  const names = new Set(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION
        ? (definition.variableDefinitions ?? []).map(({ variable }) => variable.name.value)
        : [],
    ),
  )
  const renamed = new Map<string, string>()
  for (const name of [...names].filter(isReserved)) {
    let count = 1
    while (names.has(`${name}_${count}`)) count += 1
    names.add(`${name}_${count}`)
    renamed.set(name, `${name}_${count}`)
  }
  if (renamed.size === 0) return undefined
  return {
    document: visit(document, {
      Variable(node) {
        const value = renamed.get(node.name.value)
        return value === undefined ? undefined : { ...node, name: { kind: Kind.NAME, value } }
      },
    }),
    variablesOf: (given) =>
      Object.fromEntries(Object.entries(given).map(([name, value]) => [renamed.get(name) ?? name, value])),
  }
}
