import {
  type DocumentNode,
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  getOperationAST,
  type InlineFragmentNode,
  Kind,
  print,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { type Place, type Places, restoreNames } from './restore-names.ts'

/** A document in which each response name means one field at each path, and the way back to the names that the client chose. */
export interface OwnAliases {
  document: DocumentNode
  /** The result of that document as a result of the client's. */
  restore<Result extends ExecutionResult>(result: Result): Result
}

/** A field at one path of the result, whatever type conditions it stands under. */
interface FieldAtPath {
  alias: string
  name: string
  inside: PathFields
}
/** By response name, then by field and arguments. */
type PathFields = Map<string, Map<string, FieldAtPath>>

/**
 * Gives a field an alias of its own where the planner and the execution would take it for another one. GraphQL allows one response name for
 * different fields under type conditions that exclude each other; the planner merges what stands at one path, whatever the types, and
 * adds keys and `__typename` under names that a client may have used as aliases. `reserved` are the names that it adds. Undefined for a
 * document that needs nothing. The document must be valid, and its fragments without circles.
 */
export function withOwnAliases(
  document: DocumentNode,
  operationName: string | undefined,
  reserved: ReadonlySet<string>,
): OwnAliases | undefined {
  const operation = getOperationAST(document, operationName)
  if (!operation) return undefined
  const fragments = new Map(
    document.definitions
      .filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  )
  const fields: PathFields = new Map()
  const rewriting: Rewriting = { fragments, reserved, aliases: createAliases(document, reserved), rewritten: [] }
  const selectionSet = rewrite(operation.selectionSet, fields, rewriting)
  const places = renamedIn(fields)
  if (!places) return undefined
  return {
    document: { kind: Kind.DOCUMENT, definitions: [{ ...operation, selectionSet }, ...rewriting.rewritten] },
    restore: (result) => restoreNames(result, places),
  }
}

interface Rewriting {
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
  reserved: ReadonlySet<string>
  /** An alias that stands nowhere else. */
  aliases(wanted: string): string
  /** The fragments of the new document. */
  rewritten: FragmentDefinitionNode[]
}

/** The selections with own aliases, and in `fields` what stands at their path. */
function rewrite(set: SelectionSetNode, fields: PathFields, rewriting: Rewriting): SelectionSetNode {
  const selections = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return [rewriteField(selection, fields, rewriting)]
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const { typeCondition, directives = [] } = selection
      const selectionSet = rewrite(selection.selectionSet, fields, rewriting)
      return [
        typeCondition ? spread({ typeCondition, directives, selectionSet }, rewriting) : { ...selection, selectionSet },
      ]
    }
    const fragment = rewriting.fragments.get(selection.name.value)
    if (!fragment) return []
    const { typeCondition, directives: ofFragment = [] } = fragment
    const directives = [...(selection.directives ?? []), ...ofFragment]
    return [
      spread({ typeCondition, directives, selectionSet: rewrite(fragment.selectionSet, fields, rewriting) }, rewriting),
    ]
  })
  return { kind: Kind.SELECTION_SET, selections }
}

/**
 * Each use of a fragment gets a fragment of its own: it may need other aliases at another path. Inline ones do, too, because Apollo moves
 * the fields of those with equal types together, and so out of their order.
 */
function spread(
  {
    directives,
    ...fragment
  }: Required<Pick<InlineFragmentNode, 'directives' | 'selectionSet'>> & Pick<FragmentDefinitionNode, 'typeCondition'>,
  { rewritten }: Rewriting,
): FragmentSpreadNode {
  const name = { kind: Kind.NAME, value: `F${rewritten.length + 1}` } as const
  rewritten.push({ kind: Kind.FRAGMENT_DEFINITION, name, ...fragment })
  return { kind: Kind.FRAGMENT_SPREAD, name, directives }
}

function rewriteField(field: FieldNode, fields: PathFields, rewriting: Rewriting): FieldNode {
  const name = field.alias?.value ?? field.name.value
  const sameName = fields.get(name) ?? new Map<string, FieldAtPath>()
  fields.set(name, sameName)
  const key = fieldKey(field)
  const isTaken = sameName.size > 0 || isMistakable(field, name, rewriting.reserved)
  const known: FieldAtPath = sameName.get(key) ?? {
    name,
    alias: isTaken ? rewriting.aliases(name) : name,
    inside: new Map(),
  }
  sameName.set(key, known)
  const renamed = known.alias === name ? field : { ...field, alias: { kind: Kind.NAME as const, value: known.alias } }
  // Introspection is answered whole, and from one place.
  if (!field.selectionSet || field.name.value.startsWith('__')) return renamed
  return { ...renamed, selectionSet: rewrite(field.selectionSet, known.inside, rewriting) }
}

/** The same for fields that may stand under one response name in one object. */
function fieldKey({ name, arguments: given = [] }: FieldNode): string {
  if (given.length === 0) return name.value
  return `${name.value}(${given.map((argument) => print(argument)).toSorted()})`
}

/** Whether the planner may add another field under the response name. */
function isMistakable(
  { alias, arguments: given = [] }: FieldNode,
  name: string,
  reserved: ReadonlySet<string>,
): boolean {
  if (name.startsWith('__')) return alias !== undefined
  return reserved.has(name) && (alias !== undefined || given.length > 0)
}

function createAliases(document: DocumentNode, reserved: ReadonlySet<string>): Rewriting['aliases'] {
  const used = new Set(reserved)
  const note = (set: SelectionSetNode | undefined): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) used.add((selection.alias ?? selection.name).value)
      if (selection.kind !== Kind.FRAGMENT_SPREAD) note(selection.selectionSet)
    }
  }
  let noted = false
  return (wanted) => {
    // Most documents need no alias.
    if (!noted)
      for (const definition of document.definitions)
        note('selectionSet' in definition ? definition.selectionSet : undefined)
    noted = true
    const base = wanted.replace(/^_+/, '') || 'field'
    let count = 1
    while (used.has(`${base}_${count}`)) count += 1
    used.add(`${base}_${count}`)
    return `${base}_${count}`
  }
}

/** Where something was renamed. */
function renamedIn(fields: PathFields): Places | undefined {
  const places = new Map<string, Place>()
  for (const sameName of fields.values()) {
    for (const { alias, name, inside } of sameName.values()) {
      const within = renamedIn(inside)
      if (alias !== name || within) places.set(alias, { name, inside: within })
    }
  }
  return places.size > 0 ? places : undefined
}
