import type { SubscriptionNode } from '@apollo/query-planner'
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { badInput } from '../../../platform/errors/app-error.ts'
import type { Graph } from '../../graph/graph.ts'
import { rootFieldOf, unusedVariable, withCursorVariable } from './cursor-variable.ts'
import { identityOf, type OperationIdentity } from './operation-key.ts'

/** What can be told of a subscription on one graph before it is planned. Equal texts share it. */
export interface ReadSubscription {
  graph: Graph
  /** The client's document; of a resumable field, with the cursor argument as a variable. */
  document: DocumentNode
  operationName: string | undefined
  /** The variables as the operation declares them. Throws what is wrong with them: the subgraph would close the stream over it. */
  variablesIn(given: Record<string, unknown>): Record<string, unknown>
  /** What it asks for with these variables, wherever it goes on. */
  identityOf(variables: Record<string, unknown>): OperationIdentity | undefined
  /** Of a resumable field. */
  resumable?: {
    /** The variable that takes the cursor to go on after. */
    variable: string
    /** The cursor that the client itself asked to go on after. */
    cursorIn(variables: Record<string, unknown>): string | undefined
  }
}

/** A subscription as the gateway runs it. */
export interface PlannedSubscription extends ReadSubscription {
  node: SubscriptionNode
}

/**
 * Reads and plans subscriptions on a graph, each text once, whatever its white space and comments. Both throw what is wrong with one.
 * Planning takes ten times as long as reading: what can be refused without a plan has none.
 */
export interface SubscriptionPlanner {
  read(document: DocumentNode, operationName: string | undefined): ReadSubscription
  plan(document: DocumentNode, operationName: string | undefined): PlannedSubscription
}

/** How many bytes of plans are kept, about. */
const keptBytes = 32_000_000

type Kept = ReadSubscription & Partial<PlannedSubscription>

export function createSubscriptionPlanner(graph: Graph): SubscriptionPlanner {
  const kept = new LRUCache<string, Kept>({ maxSize: keptBytes, sizeCalculation: bytesOf })
  const keep = <T extends Kept>(key: string, value: T): T => {
    kept.set(key, value)
    return value
  }
  const readText = (text: string, key: string, operationName: string | undefined): Kept =>
    // A plan keeps its document: not the client's, with all the tokens and the text that it was parsed from.
    kept.get(key) ?? keep(key, read(graph, parse(text, { noLocation: true }), operationName))
  /** Equal texts share a document as long as the gateway knows it. */
  const texts = new WeakMap<DocumentNode, string>()
  const textOf = (document: DocumentNode) => {
    const text = texts.get(document) ?? stripIgnoredCharacters(document.loc?.source.body ?? print(document))
    texts.set(document, text)
    return text
  }
  const keyOf = (text: string, operationName: string | undefined) => JSON.stringify([operationName ?? null, text])
  return {
    read(document, operationName) {
      const text = textOf(document)
      return readText(text, keyOf(text, operationName), operationName)
    },
    plan(document, operationName) {
      const text = textOf(document)
      const key = keyOf(text, operationName)
      const known = readText(text, key, operationName)
      return isPlanned(known) ? known : keep(key, { ...known, node: nodeOf(graph, known.document, operationName) })
    },
  }
}

const isPlanned = (kept: Kept): kept is PlannedSubscription => kept.node !== undefined

/**
 * What anything kept takes beside its documents, what a plan takes beside them, and how much documents take for each byte of them as JSON:
 * as measured, with a margin.
 */
const [bytesOfEntry, bytesOfPlan, bytesOfJson] = [2_000, 18_000, 3]

const bytesOf = ({ document, node }: Kept, key: string) =>
  bytesOfEntry + (node ? bytesOfPlan : 0) + 2 * key.length + bytesOfJson * JSON.stringify([document, node]).length

function read(graph: Graph, document: DocumentNode, operationName: string | undefined): ReadSubscription {
  const operation = getOperationAST(document, operationName)
  const fragments = fragmentsOf(document)
  const field = operation && rootFieldOf(operation, fragments)
  // graphql-js sees to it that there is no second field.
  if (!field) throw badInput('query', 'must subscribe to one field, without @skip or @include on it')
  const definition = graph.schema.getSubscriptionType()?.getFields()[field.name.value]
  const argument = definition?.args.find(({ name }) => name === graph.marks.cursorArgumentOf(definition.name))
  const variablesIn = (given: Record<string, unknown>) => {
    const { errors, coerced } = getVariableValues(graph.schema, operation.variableDefinitions ?? [], given)
    if (errors) throw errors[0] ?? new GraphQLError('The variables are not valid')
    return coerced
  }
  const common = {
    graph,
    operationName,
    variablesIn,
    identityOf: (variables: Record<string, unknown>) =>
      identityOf({ graph, operation, fragments, variables, cursorArgument: argument?.name }),
  }
  if (!definition || !argument) return { ...common, document }

  const [cursorArgument, variable] = [argument.name, unusedVariable(operation, 'resumeAfter')]
  const runnable = withCursorVariable({ document, operation, field, cursorArgument, variable, type: argument.type })
  return {
    ...common,
    document: runnable,
    resumable: {
      variable,
      cursorIn(variables) {
        const cursor = getArgumentValues(definition, field, variables)[cursorArgument]
        return typeof cursor === 'string' ? cursor : undefined
      },
    },
  }
}

function nodeOf(graph: Graph, document: DocumentNode, operationName: string | undefined): SubscriptionNode {
  const { node } = graph.plan(document, operationName)
  if (node?.kind !== 'Subscription') throw new Error('The plan of a subscription has no upstream')
  return node
}

const fragmentsOf = (document: DocumentNode): Record<string, FragmentDefinitionNode> =>
  Object.fromEntries(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  )
