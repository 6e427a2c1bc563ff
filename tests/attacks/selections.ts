import { readFile } from 'node:fs/promises'
import {
  buildSchema,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
} from 'graphql'

/** A published subgraph schema, with the directives on its fields. */
export const readMarkedSchema = async (subgraph: string) =>
  buildSchema(await readFile(`schema/${subgraph}.graphql`, 'utf8'), { assumeValidSDL: true })

export interface SelectableField {
  name: string
  isViewerDependent: boolean
  /** The field, with `__typename` of what it gives. */
  selection: string
}

/** The fields of a type, as each can be selected without arguments. */
export function fieldsOf(schema: GraphQLSchema, typeName: string): SelectableField[] {
  return fieldsIn(schema, typeName).map((field) => ({
    name: field.name,
    isViewerDependent: isViewerDependent(field),
    selection: isCompositeType(getNamedType(field.type)) ? `${field.name} { __typename }` : field.name,
  }))
}

/** All that can be selected on a type and below it, but for what depends on the viewer; a type within itself is left out. */
export function selectionOf(schema: GraphQLSchema, typeName: string, within: string[] = []): string {
  const type = schema.getType(typeName)
  const possible = isInterfaceType(type) ? schema.getPossibleTypes(type).map(({ name }) => name) : [typeName]
  const below = (field: GraphQLField<unknown, unknown>) => {
    const { name } = getNamedType(field.type)
    if (!isCompositeType(schema.getType(name))) return field.name
    return within.includes(name) ? '' : `${field.name} { __typename ${selectionOf(schema, name, [...within, name])} }`
  }
  const on = (name: string) =>
    `... on ${name} { ${fieldsIn(schema, name)
      .filter((field) => !isViewerDependent(field))
      .map(below)
      .join(' ')} }`
  return possible.map(on).join(' ')
}

function fieldsIn(schema: GraphQLSchema, typeName: string) {
  const type = schema.getType(typeName)
  if (!isObjectType(type)) throw new Error(`${typeName} is no object type`)
  return Object.values(type.getFields())
}

const isViewerDependent = ({ astNode }: GraphQLField<unknown, unknown>) =>
  astNode?.directives?.some(({ name }) => name.value === 'viewerDependent') ?? false
