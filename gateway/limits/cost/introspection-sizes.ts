import {
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isWrappingType,
} from 'graphql'

/**
 * How often the fields of introspection that can multiply come on this schema, on average, by coordinate. What a type has is averaged over
 * all types and over all places that name a type, and the larger counts: large types may be named more often than small ones.
 */
export function introspectionSizes(schema: GraphQLSchema): Map<string, number> {
  const types = Object.values(schema.getTypeMap())
  const fields = types.flatMap((type) =>
    isObjectType(type) || isInterfaceType(type) || isInputObjectType(type) ? Object.values(type.getFields()) : [],
  )
  const args = fields.flatMap((field) => ('args' in field ? field.args : []))
  const named: GraphQLType[] = [...fields, ...args].map(({ type }) => type)
  const directives = schema.getDirectives()
  const perType = (count: (type: GraphQLNamedType) => number) =>
    Math.max(mean(types.map(count)), mean(named.map((type) => count(getNamedType(type)))))
  const wrappers = mean(named.map(wrappersOf))
  return new Map([
    ['__Schema.types', types.length],
    ['__Schema.directives', directives.length],
    ['__Type.fields', perType((type) => (isObjectType(type) || isInterfaceType(type) ? sizeOf(type.getFields()) : 0))],
    ['__Type.inputFields', perType((type) => (isInputObjectType(type) ? sizeOf(type.getFields()) : 0))],
    [
      '__Type.interfaces',
      perType((type) => (isObjectType(type) || isInterfaceType(type) ? type.getInterfaces().length : 0)),
    ],
    ['__Type.possibleTypes', perType((type) => (isAbstractType(type) ? schema.getPossibleTypes(type).length : 0))],
    ['__Type.enumValues', perType((type) => (isEnumType(type) ? type.getValues().length : 0))],
    // Each level of `ofType` in a query finds a wrapper less often than the one above.
    ['__Type.ofType', wrappers / (1 + wrappers)],
    ['__Field.args', mean(fields.map((field) => ('args' in field ? field.args.length : 0)))],
    ['__Directive.args', mean(directives.map(({ args: all }) => all.length))],
    ['__Directive.locations', mean(directives.map(({ locations }) => locations.length))],
  ])
}

const mean = (counts: number[]) => counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length)
const sizeOf = (fields: object) => Object.keys(fields).length
const wrappersOf = (type: GraphQLType): number => (isWrappingType(type) ? 1 + wrappersOf(type.ofType) : 0)
