import {
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isUnionType,
} from 'graphql'

/** Picks a number below the limit. */
export type Pick = (limit: number) => number

/** Few, so that they meet: names of other fields, of keys, and of what the planner adds are among them. */
const aliases = ['n', 'm', 'id', 'login', 'title', 'name', '__typename']
const values = ['"a"', '"b"', 'null', '$v']
const maxDepth = 3

/**
 * The text of a random operation: aliases from a small set under type conditions, inline and as named fragments. Many of them are not valid.
 */
export function generateOperation(schema: GraphQLSchema, root: GraphQLCompositeType, kind: string, pick: Pick): string {
  const fragments: string[] = []

  const field = (type: Exclude<GraphQLCompositeType, { getTypes: unknown }>, depth: number): string => {
    const fields = Object.values(type.getFields())
    const open = depth >= maxDepth ? fields.filter((each) => !isCompositeType(getNamedType(each.type))) : fields
    const at = pick(open.length + 1)
    const chosen = open[at]
    const alias = pick(3) === 0 ? '' : `${aliases[pick(aliases.length)]}: `
    if (!chosen) return `${alias}__typename`
    const given = chosen.args.map(({ name }) => `${name}: ${values[pick(values.length)]}`)
    const named = getNamedType(chosen.type)
    const inner = isCompositeType(named) ? selections(named, depth + 1) : ''
    return `${alias}${chosen.name}${given.length > 0 && pick(4) > 0 ? `(${given})` : ''} ${inner}`
  }
  const condition = (type: GraphQLCompositeType, depth: number): string => {
    const types = isAbstractType(type) ? schema.getPossibleTypes(type) : [type]
    const on = types[pick(types.length)] ?? type
    const inner = selections(on, depth)
    if (pick(3) > 0) return `... on ${on.name} ${inner}`
    fragments.push(`fragment F${fragments.length} on ${on.name} ${inner}`)
    return `...F${fragments.length - 1}`
  }
  const selections = (type: GraphQLCompositeType, depth: number): string => {
    const each = Array.from({ length: 1 + pick(3) }, () => {
      const conditional = isUnionType(type) ? pick(6) > 0 : isAbstractType(type) ? pick(2) === 0 : pick(8) === 0
      if (conditional) return condition(type, depth)
      return isUnionType(type) ? `${pick(2) === 0 ? '' : 'n: '}__typename` : field(type, depth)
    })
    return `{ ${each.join(' ')} }`
  }
  const body = selections(root, 0)
  const operation = `${kind} ${`${body}${fragments}`.includes('$v') ? '($v: String)' : ''} ${body}`
  return [operation, ...fragments].join('\n')
}
