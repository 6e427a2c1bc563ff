import { type DocumentNode, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, visit } from 'graphql'
import { badInput } from '../../../platform/errors/app-error.ts'

/** What a document defines. Every fragment has a name of its own, is reached from an operation, and leads to no circle. */
export interface Definitions {
  operations: OperationDefinitionNode[]
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
}

/**
 * Reads the definitions of a document that nobody has checked yet, in time linear in the document. Refuses what makes other walks
 * ambiguous or endless: fragments that share a name, circle, are not defined or are not used. Throws `BAD_USER_INPUT`.
 */
export function readDefinitions(document: DocumentNode): Definitions {
  const operations: OperationDefinitionNode[] = []
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition)
    else if (definition.kind !== Kind.FRAGMENT_DEFINITION)
      throw badInput('query', 'must define operations and fragments only')
    else if (fragments.has(definition.name.value)) throw badInput('query', 'must not have two fragments of one name')
    else fragments.set(definition.name.value, definition)
  }
  checkSpreads(operations, fragments)
  return { operations, fragments }
}

function checkSpreads(operations: OperationDefinitionNode[], fragments: Definitions['fragments']): void {
  const states = new Map<string, 'open' | 'done'>()
  const enter = (name: string) => {
    const fragment = fragments.get(name)
    if (!fragment) throw badInput('query', 'must not spread a fragment that it does not define')
    if (states.get(name) === 'open') throw badInput('query', 'must not have fragments that circle')
    if (states.has(name)) return
    states.set(name, 'open')
    for (const spread of spreadsIn(fragment)) enter(spread)
    states.set(name, 'done')
  }
  for (const operation of operations) for (const spread of spreadsIn(operation)) enter(spread)
  // A circle among fragments that no operation reaches is refused as that.
  for (const name of fragments.keys()) {
    if (states.has(name)) continue
    enter(name)
    throw badInput('query', 'must not have fragments that are not used')
  }
}

function spreadsIn(definition: OperationDefinitionNode | FragmentDefinitionNode): Set<string> {
  const names = new Set<string>()
  visit(definition, { FragmentSpread: ({ name }) => void names.add(name.value) })
  return names
}
