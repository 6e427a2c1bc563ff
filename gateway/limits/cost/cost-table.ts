import type { Schema } from '@apollo/federation-internals'
import {
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import { introspectionSizes } from './introspection-sizes.ts'

/** What one field of a type costs each time that it is resolved. */
export interface FieldCost {
  /** The named type that it gives. */
  type: string
  /** Units of work. One unit is the work of an ordinary field. */
  work: number
  /** Estimated bytes of a value, without its key; of an object, its braces. */
  bytes: number
  /** It comes as often as its size says. */
  isList: boolean
  /** What `@listSize` says of it. */
  listSize?: ListSize
  /** The subgraphs that resolve it; none for what the gateway answers by itself. */
  subgraphs: string[]
}

export interface ListSize {
  /** Arguments that say how many items there are. */
  slicingArguments: string[]
  /** How many there are when none of them is given. */
  assumedSize: number | undefined
  /** The list fields of the field's type to which the size applies; none when the field is itself the list. */
  sizedFields: string[]
}

/** What the fields of a schema cost. */
export interface CostTable {
  /** Undefined for a field that the schema does not have. */
  field(type: string, field: string): FieldCost | undefined
  /** Whether it is a type that an object of the response can have. */
  isObject(type: string): boolean
}

/** The identity of the link by which subgraphs import `@cost` and `@listSize`. */
const costSpec = 'https://specs.apollo.dev/cost'
/** An introspection field is read from memory, by graphql-js alone. */
const workOfIntrospection = 0.1
const bytesOf: Record<string, number> = { Boolean: 5, Int: 11, Float: 18, ID: 38, String: 40 }
const bytesOfObject = 2
const bytesOfDescription = 80

/** Reads `@cost` and `@listSize` of a supergraph. `api` is the schema that clients see. */
export function createCostTable(supergraph: Schema, api: GraphQLSchema): CostTable {
  const marks = readMarks(supergraph)
  const types = new Map<string, Map<string, FieldCost>>()
  const sizes = introspectionSizes(api)
  const mutations = api.getMutationType()
  for (const type of Object.values(api.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue
    const costs = Object.values(type.getFields()).map((field) => {
      const coordinate = `${type.name}.${field.name}`
      const cost = type.name.startsWith('__')
        ? costOfIntrospection(field, sizes.get(coordinate))
        : costOf(field, marks, subgraphsOf(supergraph, type.name, field.name), coordinate, type === mutations)
      return [field.name, cost] as const
    })
    types.set(type.name, new Map(costs))
  }
  const meta = (type: string, bytes: number): FieldCost => ({
    type,
    work: workOfIntrospection,
    bytes,
    isList: false,
    subgraphs: [],
  })
  const metaFields = new Map([
    ['__typename', { ...meta('String', bytesOf.String ?? 0), work: 1 }],
    ['__schema', meta('__Schema', bytesOfObject)],
    ['__type', meta('__Type', bytesOfObject)],
  ])
  return {
    field: (type, field) => types.get(type)?.get(field) ?? metaFields.get(field),
    isObject: (type) => isObjectType(api.getType(type)),
  }
}

type AnyField = GraphQLField<unknown, unknown>

function costOf(
  field: AnyField,
  { weights, listSizes }: ReturnType<typeof readMarks>,
  subgraphs: string[],
  coordinate: string,
  isMutation: boolean,
): FieldCost {
  const type = getNamedType(field.type)
  const listSize = listSizes.get(coordinate)
  const work = weights.get(coordinate) ?? weights.get(type.name) ?? 1
  // The weight of a leaf says how many ordinary ones it is worth, in bytes as well. That of a mutation is what it does.
  const bytes = isLeafType(type) ? bytesOfLeaf(type) * (isMutation ? 1 : Math.max(1, work)) : bytesOfObject
  return { type: type.name, work, bytes, isList: isList(field.type), subgraphs, ...(listSize && { listSize }) }
}

function costOfIntrospection(field: AnyField, assumedSize: number | undefined): FieldCost {
  const type = getNamedType(field.type)
  const leaf = field.name === 'description' ? bytesOfDescription : bytesOfLeaf(type)
  return {
    type: type.name,
    work: workOfIntrospection,
    bytes: isLeafType(type) ? leaf : bytesOfObject,
    isList: isList(field.type) || assumedSize !== undefined,
    subgraphs: [],
    ...(assumedSize !== undefined && { listSize: { slicingArguments: [], assumedSize, sizedFields: [] } }),
  }
}

const bytesOfLeaf = (type: GraphQLNamedType): number =>
  isEnumType(type) ? longestNameOf(type) + 2 : (bytesOf[type.name] ?? bytesOf.String ?? 0)

const longestNameOf = (type: GraphQLEnumType) => Math.max(...type.getValues().map(({ name }) => name.length))

const isList = (type: GraphQLOutputType): boolean => (isNonNullType(type) ? isList(type.ofType) : isListType(type))

/** The subgraphs that resolve a field: those that say so at the field, or else all that have its type. */
function subgraphsOf(supergraph: Schema, typeName: string, fieldName: string): string[] {
  const type = supergraph.type(typeName)
  if (type?.kind !== 'ObjectType' && type?.kind !== 'InterfaceType') return []
  const graphsIn = (marks: readonly { arguments(): Record<string, unknown> }[]) =>
    marks.map((mark) => mark.arguments()).filter(({ graph, external }) => graph && !external)
  const atField = graphsIn(type.field(fieldName)?.appliedDirectivesOf('join__field') ?? [])
  const found = atField.length > 0 ? atField : graphsIn(type.appliedDirectivesOf('join__type'))
  return found.map(({ graph }) => String(graph))
}

/** `@cost` by type or field, and `@listSize` by field, under whatever names the link gives them. */
function readMarks(supergraph: Schema) {
  const link = supergraph.coreFeatures?.getByIdentity(costSpec)
  const applicationsOf = (name: string) =>
    link ? [...(supergraph.directive(link.directiveNameInSchema(name))?.applications() ?? [])] : []
  const coordinateOf = ({ parent }: { parent: unknown }) => (parent as { coordinate: string }).coordinate
  const weights = new Map(applicationsOf('cost').map((mark) => [coordinateOf(mark), Number(mark.arguments().weight)]))
  const listSizes = new Map(
    applicationsOf('listSize').map((mark) => {
      const { slicingArguments, assumedSize, sizedFields } = mark.arguments() as Partial<ListSize>
      return [
        coordinateOf(mark),
        {
          slicingArguments: slicingArguments ?? [],
          assumedSize: assumedSize ?? undefined,
          sizedFields: sizedFields ?? [],
        },
      ]
    }),
  )
  return { weights, listSizes }
}
