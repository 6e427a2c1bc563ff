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

/** A subscription as the gateway runs it on one graph. Equal texts share it. */
export interface PlannedSubscription {
  graph: Graph
  /** The client's document; of a resumable field, with the cursor argument as a variable. */
  document: DocumentNode
  operationName: string | undefined
  node: SubscriptionNode
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

/** How many bytes of plans are kept, about. */
const keptBytes = 32_000_000

/** Plans subscriptions on a graph, each text once, whatever its white space and comments. Throws what is wrong with one. */
export function createSubscriptionPlanner(graph: Graph) {
  const plans = new LRUCache<string, PlannedSubscription>({ maxSize: keptBytes, sizeCalculation: bytesOf })
  return (document: DocumentNode, operationName: string | undefined): PlannedSubscription => {
    const text = stripIgnoredCharacters(document.loc?.source.body ?? print(document))
    // A plan keeps its document: not the client's, with all the tokens and the text that it was parsed from.
    const key = JSON.stringify([operationName ?? null, text])
    const planned = plans.get(key) ?? plan(graph, parse(text, { noLocation: true }), operationName)
    plans.set(key, planned)
    return planned
  }
}

/** What any plan holds, and how much its documents take for each byte of them as JSON: as measured, with a margin. */
const [bytesOfPlan, bytesOfJson] = [20_000, 3]

const bytesOf = ({ document, node }: PlannedSubscription, key: string) =>
  bytesOfPlan + 2 * key.length + bytesOfJson * JSON.stringify([document, node]).length

function plan(graph: Graph, document: DocumentNode, operationName: string | undefined): PlannedSubscription {
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
  if (!definition || !argument) return { ...common, document, node: nodeOf(graph, document, operationName) }

  const [cursorArgument, variable] = [argument.name, unusedVariable(operation, 'resumeAfter')]
  const runnable = withCursorVariable({ document, operation, field, cursorArgument, variable, type: argument.type })
  return {
    ...common,
    document: runnable,
    node: nodeOf(graph, runnable, operationName),
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
