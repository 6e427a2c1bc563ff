import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { type Chance, createChance } from '../../delivery/chance.ts'
import type { World } from '../target/world.ts'
import type { Knobs } from './knobs.ts'
import type { SentOperation } from './send-attack.ts'

/** An operation as it is sent. Some are no valid requests: what refusing them costs counts, too. */
export interface Attack extends SentOperation {
  knobs: Knobs
}

type Values = Pick<World, 'rooms' | 'messageId' | 'attacker'>

const sizes = ['first', 'last']

/** Names for operations. All have the same length, so that an operation has as many bytes under any of them. */
export const operationNames = ['A', 'B', 'C', 'D'] as const

/**
 * Writes the operation that the knobs stand for. Another name makes another text of the same operation: the query planner puts the name
 * into the operations for subgraphs, too, so that no cache of a gateway or a subgraph knows any of these texts.
 */
export function writeOperation(
  given: Knobs,
  schema: GraphQLSchema,
  world: Values,
  name: (typeof operationNames)[number] = 'A',
): Attack {
  // What the fragments are on is the operation's root, where a subscription selects one field and nothing beside it.
  const knobs: Knobs = given.root === 'subscription' ? { ...given, fragments: 'none' } : given
  const chance = createChance(knobs.salt)
  const variables = variablesOf(knobs)
  const declared = new Map<string, string>()
  const roots = { query: schema.getQueryType(), subscription: schema.getSubscriptionType(), introspection: undefined }
  const root = roots[knobs.root]
  const { write, writeOneField } = createSelectionWriter({ knobs, schema, chance, argumentsOf })

  function argumentsOf(field: GraphQLField<unknown, unknown>): string {
    const written = field.args.flatMap((argument) => {
      const value = valueFor(field, argument, knobs, world, chance)
      if (value === undefined) return []
      if (!knobs.asVariables) return [`${argument.name}: ${JSON.stringify(value)}`]
      const name = `${argument.name}_${declared.size}`
      declared.set(name, String(argument.type))
      variables[name] = value
      return [`${argument.name}: $${name}`]
    })
    return written.length > 0 ? `(${written.join(' ')})` : ''
  }

  const writeRoot = knobs.root === 'subscription' ? writeOneField : write
  const selection = root ? writeRoot(root, knobs.depth) : introspection(knobs)
  const head = [...declared].map(([name, type]) => `$${name}: ${type}`).join(' ')
  const kind = knobs.root === 'introspection' ? 'query' : knobs.root
  const operation = `${kind} ${name}${head && `(${head})`} { ${selection} }`
  const query = [padding(knobs), operation, fragmentsOf(knobs, root ?? undefined)].join('\n')
  const asked = knobs.operationName
  return { knobs, query, variables, operationName: typeof asked === 'string' ? asked.replace('A', name) : asked }
}

interface SelectionWriter {
  knobs: Knobs
  schema: GraphQLSchema
  chance: Chance
  argumentsOf(field: GraphQLField<unknown, unknown>): string
}

/** Writes selections that take as many fields, aliases and conditions as the knobs say, while there are tokens left. */
function createSelectionWriter({ knobs, schema, chance, argumentsOf }: SelectionWriter) {
  let tokens = knobs.tokens
  let aliases = 0

  const writeOneField = (type: GraphQLObjectType, depth: number): string =>
    copies(chance.oneOf(Object.values(type.getFields())), depth + 1, 1).join('')
  const write = (type: GraphQLNamedType, depth: number): string => {
    const selections = ['__typename', ...(isAbstractType(type) ? onPossibleTypes(type, depth) : fields(type, depth))]
    if (knobs.fragments !== 'none' && depth === knobs.depth) selections.push('...F0')
    return selections.join(' ')
  }
  const fields = (type: GraphQLNamedType, depth: number): string[] => {
    if (!isObjectType(type) && !isInterfaceType(type)) return []
    const all = Object.values(type.getFields())
    const deep = all.filter((field) => isCompositeType(getNamedType(field.type)))
    const chosen = depth > 1 && deep.length > 0 ? [chance.oneOf(deep), chance.oneOf(deep)] : []
    const others = Array.from({ length: knobs.breadth }, () => chance.oneOf(all))
    // Each once: what is selected twice in one object is soon refused, and merged by whoever runs it.
    return [...new Set([...chosen, ...others])].flatMap((field) => copies(field, depth))
  }
  const copies = (field: GraphQLField<unknown, unknown>, depth: number, most = knobs.aliases): string[] => {
    const type = getNamedType(field.type)
    const isDeep = isCompositeType(type)
    if (isDeep && depth <= 1) return []
    const count = field.args.length > 0 || most > 30 ? most : Math.min(2, most)
    const written: string[] = []
    for (let copy = 0; copy < count && tokens > 0; copy += 1) {
      const given = argumentsOf(field)
      tokens -= 4 + 4 * field.args.length
      aliases += 1
      const alias = count > 1 ? `a${aliases}: ` : ''
      written.push(`${alias}${field.name}${given}${isDeep ? ` { ${write(type, depth - 1)} }` : ''}`)
    }
    return written
  }
  const onPossibleTypes = (type: GraphQLNamedType, depth: number): string[] => {
    if (!isAbstractType(type)) return []
    const conditions = schema.getPossibleTypes(type).flatMap((possible) =>
      Array.from({ length: 1 + knobs.conditions }, () => {
        tokens -= 6
        return tokens > 0 ? [`... on ${possible.name} { __typename ${fields(possible, depth).join(' ')} }`] : []
      }).flat(),
    )
    return [...conditions, ...fields(type, depth)]
  }
  return { write, writeOneField }
}

function valueFor(
  field: GraphQLField<unknown, unknown>,
  { name, type }: GraphQLArgument,
  knobs: Knobs,
  world: Values,
  chance: Chance,
): unknown {
  // Of both ends of a list only one may be asked for.
  if (sizes.includes(name)) return name === 'last' && chance.below(2) === 0 ? undefined : knobs.page
  const ids: Record<string, () => unknown> = {
    roomId: () => world.rooms[chance.below(Math.min(5, world.rooms.length))],
    id: () => (getNamedType(field.type).name === 'Room' ? world.rooms[0] : world.attacker.userId),
    messageId: () => world.messageId,
    userId: () => world.attacker.userId,
    username: () => world.attacker.username,
    search: () => (String(type).startsWith('String') ? chance.oneOf(['', 'r', 'room', '\u{10FFFF}']) : undefined),
  }
  const known = ids[name]?.()
  if (known !== undefined) return known
  return isRequiredArgument({ name, type } as GraphQLArgument) ? 'x' : undefined
}

/** Levels of introspection that multiply: types by fields by types. */
function introspection({ depth, aliases }: Knobs): string {
  const inner = (levels: number): string =>
    levels === 0 ? 'name description' : `name fields(includeDeprecated: true) { name type { ${inner(levels - 1)} } }`
  const nested = Array.from({ length: Math.min(aliases, 10) }, (_, n) => `a${n}: types { ${inner(depth % 4)} }`)
  return `__schema { ${nested.join(' ')} directives { args { type { ofType { name } } } } }`
}

/** The fragments that `F0` begins. They are on the operation's own type, and so may be spread at its root. */
function fragmentsOf({ fragments, salt }: Knobs, root: GraphQLNamedType | undefined): string {
  const on = root?.name ?? 'Query'
  const leaf = `fragment Leaf${salt % 7} on ${on} { __typename }`
  const levels = 5 + (salt % 40)
  const chain = (end: string) => [
    ...Array.from({ length: levels }, (_, n) => `fragment F${n} on ${on} { ...F${n + 1} ...F${n + 1} }`),
    `fragment F${levels} on ${on} { ${end} }`,
  ]
  switch (fragments) {
    case 'none':
      return ''
    case 'shared':
      return `fragment F0 on ${on} { __typename }`
    case 'doubling':
      return chain('__typename').join('\n')
    case 'circle':
      return chain('...F0').join('\n')
    case 'duplicate':
      return [...chain('__typename'), `fragment F0 on ${on} { __typename }`].join('\n')
    case 'unused':
      return [`fragment F0 on ${on} { __typename }`, leaf].join('\n')
    default:
      return fragments satisfies never
  }
}

function padding({ comments, spaces }: Knobs): string {
  return `${'#\n'.repeat(comments / 2)}${' '.repeat(spaces)}`
}

/** Variables that no operation declares, as wide and as deep as the knobs say. */
function variablesOf({ variableDepth, variableWidth }: Knobs): Record<string, unknown> {
  const deep = JSON.parse(`${'['.repeat(variableDepth)}${']'.repeat(variableDepth) || '0'}`)
  const wide = Object.fromEntries(Array.from({ length: variableWidth }, (_, n) => [`v${n}`, n]))
  return { ...wide, ...(variableDepth > 0 && { deep }) }
}
