import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql'

/**
 * Whether the operation selects a field of this name anywhere below the one that is resolved, through fragments too. `@skip` and
 * `@include` are ignored: a resolver that reads less without the field never reads too little.
 */
export function selectsBelow(
  { fieldNodes, fragments }: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>,
  name: string,
): boolean {
  const spread = new Set<string>()
  const selects = (selectionSet: SelectionSetNode | undefined): boolean =>
    selectionSet?.selections.some((selection) => {
      if (selection.kind === Kind.FIELD) return selection.name.value === name || selects(selection.selectionSet)
      if (selection.kind === Kind.INLINE_FRAGMENT) return selects(selection.selectionSet)
      if (spread.has(selection.name.value)) return false
      spread.add(selection.name.value)
      return selects(fragments[selection.name.value]?.selectionSet)
    }) ?? false
  return fieldNodes.some(({ selectionSet }) => selects(selectionSet))
}
