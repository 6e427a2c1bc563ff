import {
  type FieldNode,
  type FragmentDefinitionNode,
  type InlineFragmentNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql'
import type { OperationLimits } from '../../config.ts'
import type { Definitions } from '../document/definitions.ts'
import { type Account, accountOfType, newAccount, totalOf } from './account.ts'
import type { CostTable, FieldCost } from './cost-table.ts'
import { FieldNames } from './field-names.ts'
import { type SizedFields, sizeOfField } from './field-size.ts'
import { createSelectionRules, type SelectionRules, type Walked } from './selection-rules.ts'
import { covers, type TypeChoices } from './type-choices.ts'

/** What an operation would take, before anything else has walked it. */
export interface OperationCost {
  /** What the caller pays, and what the limit `cost` bounds: work, planning and bytes together. */
  points: number
  /** Units of work: fields to resolve, by their weights, items of pages to read, and requests to subgraphs. */
  work: number
  /** Estimated bytes of the response. */
  responseBytes: number
}

export interface MeasureOptions {
  table: CostTable
  /** The name of the operation's root type. */
  rootType: string
  fragments: Definitions['fragments']
  /** Coerced. */
  variables: Record<string, unknown>
  limits: OperationLimits
  /** Introspection is refused. */
  isProduction: boolean
  /** Counted on as the walk goes, whether it comes to an end or not. */
  walked: Walked
}

/**
 * One point is some ten microseconds of the processors of all services, as `npm run bench:cost` measures them. The base is what any
 * operation costs: to receive, to check and to answer it.
 */
export const basePoints = 50
/** A request to a subgraph, and what becomes of an object for which another subgraph is asked. */
const pointsOf = { fetch: 400, joinedObject: 4, plannedSelection: 15 }
/** What each selection of a refused operation costs: to measure it, and to validate it, which compares it with others. */
export const pointsOfRefusedSelection = 5
export const bytesPerPoint = 500
/** The quotes, colon and comma around a key. */
const bytesAroundKey = 4

/** A place of the response, whatever type the object there has: what was asked of it so far, from whatever fragments. */
interface Place {
  below: Map<string, Place>
  /** The subgraphs that are asked for fields of it besides those where it came from, and for objects of which types. */
  asked: { subgraph: string; types: TypeChoices }[]
  names: FieldNames
  /** What no object there can have, as its type is another one. It is compared all the same when the document is validated. */
  never?: Place
}
const newPlace = (): Place => ({ below: new Map(), asked: [], names: new FieldNames() })

/** Where the walk is. */
interface Scope {
  type: string
  /** The type of the object, where only one is possible: the field gives no other, or a fragment asks for it. */
  object: string | undefined
  types: TypeChoices
  depth: number
  /** How often it comes in the response. */
  times: number
  place: Place
  account: Account
  sized: SizedFields | undefined
  /** The subgraphs that gave it; none at the root. */
  subgraphs: string[]
}

interface Walk extends MeasureOptions {
  rules: SelectionRules
  /** Selections that have to be planned. */
  planned: number
}

/**
 * Walks an operation once, with its fragments spread out, and holds it against every limit that depends on what it selects. The walk ends
 * at the first selection too many, so it takes no longer for fragments that multiply. Throws `BAD_USER_INPUT`.
 */
export function measureOperation(operation: OperationDefinitionNode, options: MeasureOptions): OperationCost {
  const isMutation = operation.operation === OperationTypeNode.MUTATION
  const walk: Walk = { ...options, rules: createSelectionRules({ ...options, isMutation }), planned: 0 }
  const account = newAccount()
  const root = {
    type: options.rootType,
    object: options.rootType,
    types: {},
    depth: 1,
    times: 1,
    place: newPlace(),
    account,
    sized: undefined,
    subgraphs: [],
  }
  walkSelections(walk, operation.selectionSet, root)
  const { work, bytes: responseBytes } = totalOf(account)
  const planning = pointsOf.plannedSelection * walk.planned
  const points = basePoints + Math.ceil(work + planning + responseBytes / bytesPerPoint)
  return { points, work, responseBytes }
}

function walkSelections(walk: Walk, { selections }: SelectionSetNode, scope: Scope): void {
  walk.rules.level(scope.depth)
  for (const selection of selections) {
    walk.rules.selection()
    if (selection.kind === Kind.FIELD) walkField(walk, selection, scope)
    else {
      const isInline = selection.kind === Kind.INLINE_FRAGMENT
      const fragment = isInline ? selection : walk.fragments.get(selection.name.value)
      if (fragment) walkFragment(walk, fragment, scope)
    }
  }
}

function walkFragment(walk: Walk, fragment: InlineFragmentNode | FragmentDefinitionNode, scope: Scope): void {
  const condition = fragment.typeCondition?.name.value ?? scope.type
  const { object } = scope
  if (!walk.table.isObject(condition) || condition === object) {
    walkSelections(walk, fragment.selectionSet, { ...scope, type: object ?? condition })
    return
  }
  // No object has two types: the rules look at what no response will hold, and nobody pays for it.
  const types = { ...scope.types, type: condition }
  scope.place.never ??= newPlace()
  const chosen =
    object === undefined
      ? { account: accountOfType(scope.account, condition), types }
      : { account: newAccount(), types, place: scope.place.never }
  walkSelections(walk, fragment.selectionSet, { ...scope, ...chosen, type: condition, object: condition })
}

function walkField(walk: Walk, field: FieldNode, scope: Scope): void {
  walk.rules.field(field, scope.depth, scope.place.names, scope.types)
  const key = field.alias?.value ?? field.name.value
  const known = walk.table.field(scope.type, field.name.value)
  const size = sizeOfField(field, known, scope.sized, walk.variables, walk.limits)
  const times = scope.times * size.items
  const { account } = scope
  if (known) chargeRequest(walk, known, scope)
  account.work += scope.times * (known?.work ?? 1) * (Math.max(1, size.items) + size.page)
  account.bytes += scope.times * (key.length + bytesAroundKey) + times * ((known?.bytes ?? 0) + 1)
  if (!field.selectionSet) return

  const place = scope.place.below.get(key) ?? newPlace()
  scope.place.below.set(key, place)
  const below = newAccount()
  // The standard introspection query is deeper than any limit worth having: what it multiplies is bounded all the same.
  const isIntrospection = known?.type.startsWith('__') === true
  walkSelections(walk, field.selectionSet, {
    type: known?.type ?? '',
    object: known && walk.table.isObject(known.type) ? known.type : undefined,
    types: { above: scope.types },
    depth: scope.depth + Number(!isIntrospection),
    times,
    place,
    account: below,
    sized: known?.listSize && { fields: known.listSize.sizedFields, size: size.page },
    subgraphs: known?.subgraphs ?? [],
  })
  const { work, bytes } = totalOf(below)
  account.work += work
  account.bytes += bytes
}

/**
 * A field that no subgraph has that was asked for the object takes a request to another one, for every such object. Each type pays for
 * its own requests: what is asked for another type does not help it.
 */
function chargeRequest(walk: Walk, { subgraphs }: FieldCost, scope: Scope): void {
  const { place, account, times, types, subgraphs: here } = scope
  const [first] = subgraphs
  if (first === undefined) return
  walk.planned += 1
  const isAsked = (name: string) => place.asked.some((asked) => asked.subgraph === name && covers(asked.types, types))
  if (subgraphs.some((name) => here.includes(name) || isAsked(name))) return
  place.asked.push({ subgraph: first, types })
  account.work += pointsOf.fetch + pointsOf.joinedObject * times
}
