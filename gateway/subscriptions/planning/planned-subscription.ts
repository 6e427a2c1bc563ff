import type { SubscriptionNode } from '@apollo/query-planner'
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  Kind,
  print,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { badInput } from '../../../platform/errors/app-error.ts'
import type { Graph } from '../../graph/graph.ts'
import { rootFieldOf, unusedVariable, withCursorVariable } from './cursor-variable.ts'
import { operationKey } from './operation-key.ts'

/** A subscription as the gateway runs it on one graph. Equal texts share it. */
export interface PlannedSubscription {
  graph: Graph
  /** The client's document; of a resumable field, with the cursor argument as a variable. */
  document: DocumentNode
  operationName: string | undefined
  node: SubscriptionNode
  /** The variables as the operation declares them. Throws what is wrong with them: the subgraph would close the stream over it. */
  variablesIn(given: Record<string, unknown>): Record<string, unknown>
  /** Of a resumable field. */
  resumable?: {
    /** The variable that takes the cursor to go on after. */
    variable: string
    /** The cursor that the client itself asked to go on after. */
    cursorIn(variables: Record<string, unknown>): string | undefined
    /** What equal operations have in common; undefined when the result depends on who asks. */
    keyOf(variables: Record<string, unknown>): string | undefined
  }
}

const keptPlans = 1_000

/** Plans subscriptions on a graph, each text once. Throws what is wrong with one. */
export function createSubscriptionPlanner(graph: Graph) {
  const plans = new LRUCache<string, PlannedSubscription>({ max: keptPlans })
  return (document: DocumentNode, operationName: string | undefined): PlannedSubscription => {
    const key = JSON.stringify([operationName ?? null, document.loc?.source.body ?? print(document)])
    const planned = plans.get(key) ?? plan(graph, document, operationName)
    plans.set(key, planned)
    return planned
  }
}

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
  if (!definition || !argument) {
    return { graph, document, operationName, variablesIn, node: nodeOf(graph, document, operationName) }
  }

  const [cursorArgument, variable] = [argument.name, unusedVariable(operation, 'resumeAfter')]
  const runnable = withCursorVariable({ document, operation, field, cursorArgument, variable, type: argument.type })
  return {
    graph,
    document: runnable,
    operationName,
    variablesIn,
    node: nodeOf(graph, runnable, operationName),
    resumable: {
      variable,
      cursorIn(variables) {
        const cursor = getArgumentValues(definition, field, variables)[cursorArgument]
        return typeof cursor === 'string' ? cursor : undefined
      },
      keyOf: (variables) => operationKey({ graph, operation, fragments, variables, cursorArgument }),
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
